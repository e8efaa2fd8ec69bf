/** Every way to split and merge, through the server: what units of the identity program give is the input again. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { crc32 } from 'node:zlib';
import { createZipWriter } from '@taika/job/zip-writer';
import { type JobSpecText, readResult, submitJob } from '@taika/protocol/dispatch/jobs';
import type { JobId } from '@taika/protocol/schema';
import {
  type Compute,
  createGrid,
  listDefects,
  smallestProgram,
  type TestGrid,
  type TestWorker,
} from './support/grid.ts';
import { newId } from './support/parties.ts';
import { startTestDispatch, type TestDispatch } from './support/test-dispatch.ts';

let dispatch: TestDispatch;
let grid: TestGrid;
let worker: TestWorker;

before(async () => {
  dispatch = await startTestDispatch();
  grid = await createGrid(dispatch.url, dispatch.operatorKey);
  worker = await grid.terminal();
});
after(() => dispatch[Symbol.asyncDispose]());

type Way = Pick<JobSpecText, 'split' | 'merge'>;

/** Submits a job, computes it as `compute` says, and gives its result. */
async function runJob(way: Way, input: Uint8Array | undefined, compute: Compute): Promise<Buffer> {
  const program = await grid.upload(smallestProgram);
  const blob = input === undefined ? undefined : await grid.upload(input);
  const jobId = newId<JobId>();
  const body = { name: 'test', program: program.sha256, privacy: 'public' as const, ...way };
  await grid.customer.call(submitJob, {
    params: { jobId },
    body: blob === undefined ? body : { ...body, input: blob },
  });
  await grid.reach(jobId, 'running');
  await worker.workUntil(async () => (await grid.read(jobId)).state !== 'running', compute);
  await grid.reach(jobId, 'done');
  assert.deepEqual(await listDefects(dispatch.server.context.sql), []);
  const response = await grid.customer.open(readResult, { params: { jobId } });
  return Buffer.from(await response.arrayBuffer());
}

test('elements of an array come back, with brackets around each unit and commas between', async () => {
  const way: Way = { split: { by: 'json', records: 2 }, merge: { by: 'json' } };
  const input = ` [${Array.from({ length: 99 }, (_, at) => `{"a":[${at}, "]"]}`).join(' ,\n')}]\n`;
  const result = await runJob(way, Buffer.from(input), (own) => {
    assert.doesNotMatch(own, /^,|,$/);
    return ` [${own}]\n`;
  });
  assert.equal(result.toString(), input);
});

test('large elements are fetched as one range, without what is between them', async () => {
  const way: Way = { split: { by: 'json', records: 1 }, merge: { by: 'json' } };
  const input = `[${Array.from({ length: 20 }, (_, at) => JSON.stringify(String(at).repeat(25_000))).join(',')}]`;
  assert.equal((await runJob(way, Buffer.from(input), (own) => `[${own}]`)).toString(), input);
});

test('files of an archive come back as an archive', async () => {
  const files = Array.from({ length: 40 }, (_, at) => ({
    name: `part ${at}/täble\t${at}.csv`,
    text: `${at}\n`.repeat((at % 7) * 3_000),
  }));
  const writer = createZipWriter();
  const parts = files.flatMap(({ name, text }) => {
    const bytes = Buffer.from(text);
    return [writer.begin({ name: Buffer.from(name), bytes: bytes.length, crc32: crc32(bytes) }), bytes];
  });
  const archive = Buffer.concat([...parts, ...writer.end()]);
  const way: Way = { split: { by: 'files' }, merge: { by: 'zip' } };
  assert.deepEqual(await runJob(way, archive, (own) => own), archive);
  const renamed = await runJob({ ...way, merge: { by: 'zip', extension: '.txt' } }, archive, (own) => own);
  assert.ok(renamed.includes('part 39/täble\t39.txt') && !renamed.includes('.csv'));
});

test('a grid needs no input, and sums are added up', async () => {
  const axes = { b: ['x,y', 'z'], a: { from: 0, to: 30 } };
  const table = await runJob(
    { split: { by: 'grid', axes, records: 7 }, merge: { by: 'csv' } },
    undefined,
    (own) => `a,b\n${own}`,
  );
  const rows = Array.from({ length: 30 }, (_, a) => `${a},"x,y"\n${a},z\n`).join('');
  assert.equal(table.toString(), `a,b\n${rows}`);
  const total = await runJob(
    { split: { by: 'range', from: 0, to: 1_000, records: 9 }, merge: { by: 'sum' } },
    undefined,
    (own) => {
      const numbers = own.trimEnd().split('\n').map(Number);
      return `numbers ${numbers.length} sum ${numbers.reduce((sum, each) => sum + each, 0)}\n`;
    },
  );
  assert.equal(total.toString(), 'numbers 1000 sum 499500\n');
});

test('an input that is not what the split says is refused with the reason and what to do', async () => {
  const table: [Way['split'], string, RegExp][] = [
    [{ by: 'json', records: 1 }, '{"a":1}', /it begins with "\{" and not with \[.*ndjson/],
    [{ by: 'json', records: 1 }, '[1,2', /not closed at its end \(byte 4\)/],
    [{ by: 'files' }, 'a,b\n', /no ZIP archive.*zip -0/],
    [{ by: 'csv', records: 1 }, 'a,"b\n', /begins at byte 0 is never closed/],
    [{ by: 'lines', records: 1 }, '', /The input is empty/],
  ];
  for (const [split, input, reason] of table) {
    const jobId = await grid.submit(input, { split, merge: { by: 'concat' } });
    const view = await grid.reach(jobId, 'failed');
    assert.equal(view.reason.code, 'split-failed');
    assert.match(view.reason.sentence, reason);
  }
});

test('what a program prints into a refusal is shown in it, and the next job is merged', async () => {
  const way: Way = { split: { by: 'lines', records: 1 }, merge: { by: 'sum' } };
  const jobId = await grid.submit('a\nb\n', way);
  await worker.workUntil(
    async () => (await grid.read(jobId)).state === 'failed',
    (_own, unit) => (unit === 0 ? 'a\0\u001b[2J' : `b${'b'.repeat(5_000)}`),
  );
  const { reason } = await grid.read(jobId);
  assert.equal(reason.code, 'merge-failed');
  assert.ok(reason.sentence.includes(`it has "${'b'.repeat(60)}…" where`), reason.sentence);
  assert.ok(reason.sentence.includes('have "a\\u0000\\u001b[2J".'), reason.sentence);
  assert.equal((await runJob(way, Buffer.from('1\n2\n'), (own) => own)).toString(), '3\n');
});
