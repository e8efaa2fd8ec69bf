import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build, type Plugin } from 'esbuild';

/** A file that a vendor hands out (steps 202, 502). */
export interface Artifact {
  readonly file: string;
  /** Lower-case hex. */
  readonly sha256: string;
  readonly bytes: number;
}

/** The parts of others that are inside, as their licenses ask to be told. */
const notice = '// The Taika license agent, Apache-2.0. Contains commander and jose, both MIT-licensed.';
/** commander is a CommonJS module and asks for Node's own modules by `require`. */
const requireShim =
  "import { createRequire as taikaRequire } from 'node:module'; const require = taikaRequire(import.meta.url);";

/**
 * Makes the agent one file that runs with plain Node 26 and nothing beside it: agent, runner and the runner's worker,
 * told apart by how the file is started. Names stay readable, so that a member can look at what runs here.
 */
export async function buildAgentArtifact({ outFile }: { readonly outFile: string }): Promise<Artifact> {
  await build({
    entryPoints: [join(import.meta.dirname, 'main.ts')],
    outfile: outFile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node26',
    minifySyntax: true,
    minifyWhitespace: true,
    // Japanese as it is: escaped it would be twice as long.
    charset: 'utf8',
    legalComments: 'none',
    plugins: [withoutSchemas],
    banner: { js: `${notice}\n${requireShim}` },
    logLevel: 'silent',
  });
  const content = await readFile(outFile);
  return { file: outFile, sha256: createHash('sha256').update(content).digest('hex'), bytes: content.length };
}

/** What a route is for, as servers publish it. */
const routeSummary = /^ {2}summary:\s+(?:'[^'\n]*'|"[^"\n]*"),\n/gm;

/** Servers check what arrives by the schemas; the agent's calls read a route's method and path only. A third of the size. */
const withoutSchemas: Plugin = {
  name: 'without-schemas',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^typebox$/ }, () => ({ path: 'typebox', namespace: 'without-schemas' }));
    onLoad({ filter: /.*/, namespace: 'without-schemas' }, () => ({
      contents: 'export const Type = new Proxy({}, { get: () => () => ({}) });',
    }));
    onLoad({ filter: /[\\/]protocol[\\/]src[\\/](dispatch|vendor)[\\/][^\\/]+\.ts$/ }, async ({ path }) => ({
      contents: (await readFile(path, 'utf8')).replaceAll(routeSummary, ''),
      loader: 'ts',
    }));
  },
};
