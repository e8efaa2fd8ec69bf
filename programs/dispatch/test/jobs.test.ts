import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { readEvents } from '@taika/http/read-events';
import { findBlob, uploadBlob } from '@taika/protocol/dispatch/blobs';
import {
  admitProgram,
  type JobViewText,
  listJobs,
  readJob,
  readResult,
  submitJob,
  watchJob,
} from '@taika/protocol/dispatch/jobs';
import type { JobId } from '@taika/protocol/schema';
import { createGrid, sha256Of, smallestProgram, type TestGrid } from './support/grid.ts';
import { newId, refusalOf } from './support/parties.ts';
import { startTestDispatch, type TestDispatch } from './support/test-dispatch.ts';

const byLines = { split: { by: 'lines', records: 1 }, merge: { by: 'lines' } } as const;

let dispatch: TestDispatch;
let grid: TestGrid;

before(async () => {
  dispatch = await startTestDispatch();
  grid = await createGrid(dispatch.url, dispatch.operatorKey);
});
after(() => dispatch[Symbol.asyncDispose]());

test('a program that is no program is refused with the reason, the place and what to do', async () => {
  const { sha256 } = await grid.upload(Buffer.from('MZ this is no WebAssembly'));
  const refused = await refusalOf(grid.customer.call(admitProgram, { params: { sha256 }, body: {} }));
  assert.equal(refused.code, 'program-refused');
  assert.match(refused.detail ?? '', /not a WebAssembly module.*offset 0x0/);
});

test('a program is admitted once, and what terminals run is signed', async () => {
  const { sha256 } = await grid.upload(smallestProgram);
  const admitted = await grid.customer.call(admitProgram, { params: { sha256 }, body: {} });
  assert.deepEqual(await grid.customer.call(admitProgram, { params: { sha256 }, body: {} }), admitted);
  assert.deepEqual(
    admitted.artefacts.map(({ kind }) => kind),
    ['fast'],
  );
});

test('a job that was submitted twice is one job, and another under its id is refused', async () => {
  const program = await grid.upload(smallestProgram);
  const input = await grid.upload(Buffer.from('a\n'));
  const jobId = newId<JobId>();
  const body = { name: 'one', program: program.sha256, input, privacy: 'public' as const, ...byLines };
  const first = await grid.customer.call(submitJob, { params: { jobId }, body });
  const second = await grid.customer.call(submitJob, { params: { jobId }, body });
  assert.equal(first.createdAt, second.createdAt);
  const refused = await refusalOf(
    grid.customer.call(submitJob, { params: { jobId }, body: { ...body, name: 'other' } }),
  );
  assert.equal(refused.code, 'idempotency-conflict');
  const { items } = await grid.customer.call(listJobs, { query: { limit: '1' } });
  assert.equal(items[0]?.jobId, jobId);
  await grid.cancel(jobId);
});

test('a job with a deadline says how it stands with it, and so do its phases’ rows', async () => {
  const program = await grid.upload(smallestProgram);
  const input = await grid.upload(Buffer.from('a\n'));
  const body = { name: 'due', program: program.sha256, input, privacy: 'public' as const, ...byLines };
  const jobId = newId<JobId>();
  const rounds = { next: program.sha256, max: 2 };
  const wanted = { ...body, rounds, deadlineMs: 3_600_000 };
  const view = await grid.customer.call(submitJob, { params: { jobId }, body: wanted });
  assert.equal(Date.parse(view.deadline?.at ?? '') - Date.parse(view.createdAt), 3_600_000);
  assert.equal(view.deadline?.outlook, 'unknown');
  assert.match(
    view.deadline?.sentence ?? '',
    /^It is not known yet whether the job will be done by its deadline/,
  );
  const rows = await dispatch.server.context.sql<{ deadlineAt: Date | null }[]>`
    select phase.deadline_at
    from job phase
    join job on job.number = phase.parent_number
    where job.id = ${jobId}
  `;
  assert.deepEqual(
    rows.map(({ deadlineAt }) => deadlineAt?.toISOString()),
    [view.deadline?.at],
  );
  // What earlier phases took is no number of units of this one, which is being split.
  await dispatch.server.context.sql`update job set unit_count = 7 where id = ${jobId}`;
  assert.notEqual((await grid.read(jobId)).units.total, 7);
  await grid.cancel(jobId);
  assert.equal((await grid.read(jobId)).deadline, undefined);
  const without = newId<JobId>();
  assert.equal(
    (await grid.customer.call(submitJob, { params: { jobId: without }, body })).deadline,
    undefined,
  );
  await grid.cancel(without);
});

test('a job that names what was not uploaded, or contradicts itself, is refused where', async () => {
  const program = await grid.upload(smallestProgram);
  const input = await grid.upload(Buffer.from('a\n'));
  const body = { name: 'one', program: program.sha256, input, privacy: 'public' as const, ...byLines };
  const table: [object, RegExp][] = [
    [{ program: 'a'.repeat(64) }, /^program: upload/],
    [{ input: { sha256: 'b'.repeat(64), bytes: 2 } }, /^input: upload/],
    [{ input: { ...input, bytes: 3 } }, /^input: the blob has 2 bytes/],
    [{ split: { by: 'range', from: 0, to: 2, records: 1 } }, /^input: a split by range/],
    [{ files: [{ name: '../x', ...input }] }, /^files\.\.\.\/x: /],
    [{ env: { TAIKA_ROUND: '1' } }, /^env\.TAIKA_ROUND: /],
    [{ env: { LONG: 'x'.repeat(70_000) } }, /^env: it holds at most/],
    [{ args: ['x'.repeat(70_000)] }, /^args: it holds at most/],
    [{ input: undefined, split: { by: 'range', from: 0, to: 1e300, records: 1 } }, /^split\.to: a number/],
    [
      { input: undefined, split: { by: 'range', from: 0, to: 1e9, records: 1 } },
      /^split: The input makes more/,
    ],
    [{ input: { ...input, bytes: 1e9 }, split: { by: 'bytes', bytes: 1 } }, /^split\.bytes: the input/],
    [{ limits: { memoryMiB: 8192 } }, /^limits\.memory: the memory of a unit is from 1 MiB to 4 GiB\.$/],
    [{ limits: { timeMs: 1 } }, /^limits\.time: the time of a unit is from 100 ms to 24 h\.$/],
    [{ seed: '18446744073709551616' }, /^seed: a seed is a whole number of 64 bits/],
    [{ name: 'a\u001b[2J' }, /^name: it holds no control characters/],
  ];
  for (const [change, expected] of table) {
    const params = { jobId: newId<JobId>() };
    const refused = await refusalOf(grid.customer.call(submitJob, { params, body: { ...body, ...change } }));
    assert.equal(refused.code, 'job-refused');
    assert.match(refused.detail ?? '', expected);
  }
});

test('a text that the database cannot hold is a bad request', async () => {
  const program = await grid.upload(smallestProgram);
  const input = await grid.upload(Buffer.from('a\n'));
  const body = { name: 'one', program: program.sha256, input, privacy: 'public' as const, ...byLines };
  for (const change of [{ name: 'a\0' }, { description: '\ud800' }, { env: { A: '\udc00' } }]) {
    const params = { jobId: newId<JobId>() };
    const refused = await refusalOf(grid.customer.call(submitJob, { params, body: { ...body, ...change } }));
    assert.equal(refused.code, 'bad-request');
  }
  const fine = { ...body, name: '\\u0000 \ud83d\ude00' };
  const jobId = newId<JobId>();
  assert.equal((await grid.customer.call(submitJob, { params: { jobId }, body: fine })).name, fine.name);
  await grid.cancel(jobId);
  const long = await fetch(`${dispatch.url}/v1/jobs/${'a'.repeat(600)}`);
  assert.equal(long.status, 400);
  assert.match(long.headers.get('content-type') ?? '', /problem\+json/);
});

test("nobody reaches another customer's job, result or blob", async () => {
  const other = await createGrid(dispatch.url, dispatch.operatorKey);
  const jobId = await grid.submit('secret\n', byLines);
  const { sha256 } = await grid.upload(Buffer.from('secret\n'));
  for (const call of [
    () => other.customer.call(readJob, { params: { jobId } }),
    () => other.customer.open(readResult, { params: { jobId } }),
    () => other.customer.open(watchJob, { params: { jobId } }),
    () => other.cancel(jobId),
    () => other.customer.call(findBlob, { params: { sha256 } }),
  ]) {
    assert.equal((await refusalOf(call())).code, 'not-found');
  }
  const program = await other.upload(smallestProgram);
  const body = { name: 'thief', program: program.sha256, privacy: 'public' as const, ...byLines };
  const stolen = other.customer.call(submitJob, {
    params: { jobId: newId<JobId>() },
    body: { ...body, input: { sha256, bytes: 7 } },
  });
  assert.equal((await refusalOf(stolen)).code, 'job-refused');
  await grid.cancel(jobId);
});

test('bytes that do not hash to what was promised are not stored', async () => {
  const sha256 = sha256Of(Buffer.from('promised'));
  const bytes = Buffer.from('sent');
  const refused = await refusalOf(grid.customer.open(uploadBlob, { params: { sha256 }, bytes }));
  assert.equal(refused.code, 'digest-mismatch');
  assert.equal((await refusalOf(grid.customer.call(findBlob, { params: { sha256 } }))).code, 'not-found');
});

test('a job is watched from its submission to its invoice, and its result is served in ranges', async () => {
  const jobId = await grid.submit('a\nb\nc\n', byLines);
  const states: string[] = [];
  const watching = (async () => {
    for await (const { data } of readEvents(grid.customer, watchJob, { params: { jobId } })) {
      const view = data as JobViewText;
      if (states.at(-1) !== view.state) states.push(view.state);
    }
  })();
  await grid.reach(jobId, 'running');
  const worker = await grid.terminal();
  await worker.workUntil(async () => (await grid.read(jobId)).state !== 'running');
  await watching;
  assert.equal(states.at(-1), 'done');
  assert.ok((await grid.read(jobId)).invoiceId);
  const part = await grid.customer.open(readResult, { params: { jobId }, headers: { range: 'bytes=2-3' } });
  assert.equal(part.status, 206);
  assert.equal(await part.text(), 'B\n');
});

test('a result is asked for too early: the answer says the state', async () => {
  const jobId = await grid.submit('a\n', byLines);
  const refused = await refusalOf(grid.customer.open(readResult, { params: { jobId } }));
  assert.equal(refused.code, 'wrong-state');
  await grid.cancel(jobId);
});

test('a signed address serves its blob until it is over, and no other', async () => {
  const jobId = await grid.submit('a\n', byLines);
  await grid.reach(jobId, 'running');
  const worker = await grid.terminal();
  let url: string | undefined;
  while (url === undefined) {
    url = (await worker.cycle()).jobs[0]?.artefact.url;
  }
  const [right = '', signature = ''] = url.split('signature=');
  const flipped = [...signature].reverse().join('');
  assert.equal((await fetch(url)).status, 200);
  assert.equal((await fetch(`${right}signature=${flipped}`)).status, 401);
  assert.equal((await fetch(url.replace(/until=\d/, 'until=9'))).status, 401);
  await grid.cancel(jobId);
});
