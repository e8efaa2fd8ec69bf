/** A page computes jobs by itself, in workers: the bytes and the fuel are those of Node's `runLocal`. */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { prepareJob } from '@taika/client/job/prepare-job';
import type { PreparedJob } from '@taika/client/job/prepared-job';
import type { LocalProgress } from '@taika/client/local/local-run';
import { openBrowser } from '@taika/testing/browser';
import { build } from 'esbuild';
import type { Browser, Page } from 'playwright-core';
import { computeLocally, prepareSmallWeather } from './small-weather.ts';

let folder: string;
let browser: Browser;
let server: Awaited<ReturnType<typeof servePage>>;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'taika-page-'));
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  server = await servePage();
  browser = await openBrowser();
});
after(async () => {
  await browser?.close();
  await server?.[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

const files = {
  'numbers.txt': '3\n5\n8\n',
  'double.ts': `import { readLines, writeLine, round } from 'taika';
const lines = readLines();
for (let i = 0; i < lines.length; i++)
  writeLine((2 * i32(parseInt(lines[i]))).toString() + ' ' + round().toString() + ' ' + Math.random().toString());
`,
  // Keeps a history, ends once the first number is 20 or more.
  'next.ts': `import { readLines, nextRound, endJob, keptState } from 'taika';
const lines = readLines();
const state = keptState() + lines.join(';') + '|';
if (parseInt(lines[0]) < 20) nextRound(lines.join('\\n') + '\\n', state);
else endJob(state);
`,
  // A line a unit.
  'cut.ts': `import { readText, writeLine } from 'taika';
const text = readText();
let start = text.indexOf('\\n') + 1;
for (let end = text.indexOf('\\n', start); end >= 0; start = end + 1, end = text.indexOf('\\n', start))
  writeLine('unit ' + (end + 1 - start).toString());
`,
  'endless.ts': `import { unitIndex } from 'taika';
while (unitIndex() == 0) {}
`,
};

async function prepare(rest: string): Promise<PreparedJob> {
  const path = join(folder, 'job.yaml');
  await writeFile(path, `name: in a page\nprivacy: public\ninput: numbers.txt\n${rest}`);
  return prepareJob(path);
}

const jobs: Readonly<Record<string, () => Promise<PreparedJob>>> = {
  'the weather': () => prepareSmallWeather(folder, { members: 5, records: 2 }),
  'stages and rounds': () =>
    prepare(`program: double.ts
seed: 7
split: { by: lines, records: 1 }
merge: { by: lines }
rounds: { next: next.ts, max: 9 }
`),
  'a split by a program, merged to an archive': () =>
    prepare(`program: double.ts
split: { by: program, program: cut.ts }
merge: { by: zip, extension: .txt }
`),
};

for (const [name, prepareIt] of Object.entries(jobs)) {
  test(`${name}: a page gives the bytes and the fuel that Node gives`, { timeout: 60_000 }, async () => {
    await using job = await prepareIt();
    const here = await computeLocally(job);
    assert.ok(here.result.length > 0 && here.fuel > 0n);
    const page = await openPage();
    const there = await page.evaluate(computeInPage, await packed(job));
    assert.deepEqual(there, { result: here.result.toString('base64'), fuel: String(here.fuel) });
  });
}

test('a page ends units that it no longer wants or that take too long, and goes on', {
  timeout: 60_000,
}, async () => {
  await using job = await prepare(`program: endless.ts
limits: { time: 100ms }
split: { by: lines, records: 1 }
merge: { by: lines }
`);
  await using patient = await prepare(`program: endless.ts
split: { by: lines, records: 1 }
merge: { by: lines }
`);
  const page = await openPage();
  assert.equal(await page.evaluate(endInPage, { ...(await packed(job)), abort: false }), 'unit-unfinished');
  assert.equal(await page.evaluate(endInPage, { ...(await packed(patient)), abort: true }), 'AbortError');
});

test('what a page cannot do is refused with a code', async () => {
  await using job = await prepare(`program: double.ts
split: { by: lines, records: 1 }
merge: { by: lines }
`);
  const page = await openPage();
  assert.deepEqual(await page.evaluate(refusedInPage, await packed(job)), {
    path: 'not-bytes',
    next: 'program-missing',
    noScript: 'worker-failed',
    otherScript: 'worker-failed',
  });
});

test('the example in docs/JOBS.md runs in a page as it stands', { timeout: 60_000 }, async () => {
  await using job = await jobs['the weather']?.();
  assert.ok(job);
  const page = await openPage();
  const told = await page.evaluate(documentedInPage, await packed(job));
  assert.equal(told, (await computeLocally(job)).result.toString('base64'));
});

type Sdk = typeof import('@taika/client/index') & typeof import('@taika/client/browser');
type Packed = Awaited<ReturnType<typeof packed>>;

/** A job as a page is given it. */
async function packed(job: PreparedJob) {
  const base64 = async (source: PreparedJob['program']) => (await source.read(0, source.bytes)).toBase64();
  const { program: _, input: __, files: ___, ...spec } = job.spec;
  assert.equal(job.files.size, 0);
  assert.ok(job.input);
  return {
    spec,
    program: await base64(job.program),
    programs: await Promise.all([...job.programs.values()].map(base64)),
    input: await base64(job.input),
  };
}

async function computeInPage({ spec, program, programs, input }: Packed) {
  const path = '/sdk.js';
  const { jobOfBytes, runLocal } = (await import(path)) as Sdk;
  const bytes = (text: string) => Uint8Array.fromBase64(text);
  const job = await jobOfBytes({
    spec,
    program: bytes(program),
    programs: programs.map(bytes),
    input: new Blob([bytes(input)]),
  });
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let last: LocalProgress | undefined;
  const createWorker = () => new Worker('/worker.js', { type: 'module' });
  for await (const part of runLocal(job, { createWorker, parallel: 2, onProgress: (now) => (last = now) }))
    parts.push(part as Uint8Array<ArrayBuffer>);
  const result = new Uint8Array(await new Blob(parts).arrayBuffer()).toBase64();
  return { result, fuel: String(last?.fuel) };
}

async function documentedInPage({ spec, program, input }: Packed) {
  const path = '/documented.js';
  const { documented } = await import(path);
  const file = new Blob([Uint8Array.fromBase64(input)]);
  const { signal } = new AbortController();
  const result: Blob = await documented({ spec, program: Uint8Array.fromBase64(program), file, signal });
  return new Uint8Array(await result.arrayBuffer()).toBase64();
}

/** How a job ends whose first unit never does; once a unit has ended, the page aborts if it is to. */
async function endInPage({ spec, program, input, abort }: Packed & { abort: boolean }) {
  const path = '/sdk.js';
  const { jobOfBytes, runLocal } = (await import(path)) as Sdk;
  const bytes = (text: string) => Uint8Array.fromBase64(text);
  const job = await jobOfBytes({ spec, program: bytes(program), input: bytes(input) });
  const aborting = new AbortController();
  try {
    const merged = runLocal(job, {
      createWorker: () => new Worker('/worker.js', { type: 'module' }),
      parallel: 2,
      signal: aborting.signal,
      onProgress: ({ unitsDone }) => {
        if (abort && unitsDone > 0) aborting.abort();
      },
    });
    for await (const _ of merged);
    return 'ended';
  } catch (error) {
    return error instanceof DOMException ? error.name : (error as { code?: string }).code;
  }
}

async function refusedInPage({ spec, program, input }: Packed) {
  const path = '/sdk.js';
  const { jobOfBytes, runLocal, PageJobError } = (await import(path)) as Sdk;
  const bytes = (text: string) => Uint8Array.fromBase64(text);
  const codeOf = async (call: () => Promise<unknown>) => {
    try {
      await call();
      return 'done';
    } catch (error) {
      return error instanceof PageJobError ? error.code : String(error);
    }
  };
  const given = { spec, program: bytes(program), input: bytes(input) };
  const compute = async (script: string) => {
    const createWorker = () => new Worker(script, { type: 'module' });
    for await (const _ of runLocal(await jobOfBytes(given), { createWorker }));
  };
  return {
    path: await codeOf(() => jobOfBytes({ ...given, input: './folder' as never })),
    next: await codeOf(() =>
      jobOfBytes({ ...given, spec: { ...spec, rounds: { next: '0'.repeat(64), max: 2 } } }),
    ),
    noScript: await codeOf(() => compute('/missing.js')),
    otherScript: await codeOf(() => compute('/broken.js')),
  };
}

async function openPage(): Promise<Page> {
  const page = await browser.newPage();
  await page.goto(server.url);
  return page;
}

/** A page, the SDK with both of its doors for browsers, and the worker's script. */
async function servePage(): Promise<AsyncDisposable & { readonly url: string }> {
  const scripts = new Map([
    ['/sdk.js', await bundle(`export * from '@taika/client'; export * from '@taika/client/browser';`)],
    ['/documented.js', await bundle(await documentedExample())],
    ['/worker.js', await bundle(`import '@taika/client/browser-worker';`)],
    ['/broken.js', 'onmessage = () => { throw new Error("another script"); };'],
  ]);
  const web = createServer(({ url = '/' }, response) => {
    const script = scripts.get(url);
    if (url === '/') response.writeHead(200, { 'content-type': 'text/html' }).end('<title>page</title>');
    else if (script === undefined) response.writeHead(404).end();
    else response.writeHead(200, { 'content-type': 'text/javascript' }).end(script);
  });
  await new Promise<void>((done) => web.listen(0, '127.0.0.1', done));
  return {
    url: `http://127.0.0.1:${(web.address() as AddressInfo).port}/`,
    async [Symbol.asyncDispose]() {
      web.closeAllConnections();
      await new Promise((done) => web.close(done));
    },
  };
}

/** The example as a function of what its page has. */
async function documentedExample(): Promise<string> {
  const document = await readFile('docs/JOBS.md', 'utf8');
  const example = [...document.matchAll(/```ts\n([\s\S]*?)```/g)]
    .map(([, text = '']) => text)
    .find((text) => text.includes('@taika/client/browser'));
  const lines = example?.split('\n') ?? [];
  const imports = lines.filter((line) => line.startsWith('import '));
  const rest = lines.filter((line) => !line.startsWith('import '));
  const given = '{ spec, program, file, signal }';
  return [...imports, `export async function documented(${given}) {`, ...rest, 'return result; }'].join('\n');
}

async function bundle(contents: string): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: 'programs/client/src' },
    bundle: true,
    format: 'esm',
    platform: 'browser',
    write: false,
  });
  const script = outputFiles[0]?.text ?? '';
  assert.doesNotMatch(script, /from ?"node:/);
  return script;
}
