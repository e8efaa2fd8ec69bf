/** The SDK in a real browser: a page submits a job, streams its results from a cursor and reads the result. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { createServer, request as forward } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { buildProgram } from '@taika/client/program/build-program';
import { openBrowser } from '@taika/testing/browser';
import { build } from 'esbuild';
import { type Economy, openEconomy } from './economy.ts';

let economy: Economy;
before(async () => {
  economy = await openEconomy();
  await economy.run(await economy.join('Fumi'));
});
after(() => economy?.[Symbol.asyncDispose]());

test('a page submits a job and reads its results, with nothing of Node in its bundle', async () => {
  const bundle = await build({
    entryPoints: ['programs/client/src/index.ts'],
    bundle: true,
    format: 'esm',
    platform: 'browser',
    write: false,
  });
  const script = bundle.outputFiles[0]?.text ?? '';
  assert.doesNotMatch(script, /from ?"node:/);
  const source = join(economy.directory, 'upper-case.ts');
  await writeFile(source, 'import { readText, write } from "taika";\nwrite(readText().toUpperCase());\n');
  const program = Buffer.from(await buildProgram(source)).toString('base64');
  await using page = await servePage(economy.companies.dispatchUrl, script);
  await using browser = await openBrowser();
  const tab = await browser.newPage();
  await tab.goto(page.url);
  const told = await tab.evaluate(runInPage, { customerKey: economy.companies.customerKey, program });
  assert.deepEqual(told, {
    outputs: ['0 ONE\n', '1 TWO\n', '2 THREE\n'],
    later: [2],
    state: 'done',
    result: 'ONE\nTWO\nTHREE\n',
    error: { name: 'RemoteError', code: 'not-found', fault: 'caller', retryable: false },
    aborted: 'AbortError',
  });
});

/** What the page does; runs in the browser. */
async function runInPage({ customerKey, program }: { customerKey: string; program: string }) {
  const path = '/sdk.js';
  const sdk = (await import(path)) as typeof import('@taika/client/index');
  const grid = sdk.connectGrid({ dispatchUrl: location.origin, customerKey });
  const job = await sdk.jobOfBytes({
    spec: {
      name: 'from a browser',
      split: { by: 'lines', records: 1 },
      merge: { by: 'lines' },
      privacy: 'public',
    },
    program: Uint8Array.fromBase64(program),
    input: new Blob(['one\ntwo\nthree\n']),
  });
  const handle = await grid.submit(job, { idempotencyKey: 'page' });
  const outputs: string[] = [];
  let cursor = '';
  for await (const { unit, bytes, cursor: at } of handle.results()) {
    outputs.push(`${unit} ${new TextDecoder().decode(bytes)}`);
    if (unit === 1) cursor = at;
  }
  const later: number[] = [];
  for await (const { unit } of grid.job(handle.id).results({ after: cursor })) later.push(unit);
  const { state } = await handle.finished();
  let result = '';
  for await (const chunk of handle.result()) result += new TextDecoder().decode(chunk);
  const caught = async (call: () => Promise<unknown>) => {
    try {
      await call();
      return undefined;
    } catch (error) {
      return error as InstanceType<typeof sdk.RemoteError>;
    }
  };
  const missing = await caught(() => grid.job('01a20519-036f-75e3-a1d7-ed903233bbeb' as never).view());
  const aborted = await caught(() => handle.view(AbortSignal.abort()));
  const { name, code, fault, retryable } = missing ?? {};
  return { outputs, later, state, result, error: { name, code, fault, retryable }, aborted: aborted?.name };
}

/** The page, its script, and the contractor's server behind the same origin. */
async function servePage(
  dispatchUrl: string,
  script: string,
): Promise<AsyncDisposable & { readonly url: string }> {
  const server = createServer((request, response) => {
    if (request.url === '/')
      response.writeHead(200, { 'content-type': 'text/html' }).end('<title>page</title>');
    else if (request.url === '/sdk.js')
      response.writeHead(200, { 'content-type': 'text/javascript' }).end(script);
    else {
      const { method, headers } = request;
      const passed = forward(`${dispatchUrl}${request.url}`, { method, headers }, (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      });
      passed.on('error', () => response.destroy());
      response.on('close', () => passed.destroy());
      request.pipe(passed);
    }
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}
