/** Copies that the reference executor cannot compute: told, tried ever less often, and nobody is asked in vain. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { cycle } from '@taika/protocol/dispatch/cycle';
import { readTrustCosts } from '@taika/protocol/dispatch/trust';
import type { JobId } from '@taika/protocol/schema';
import { createGrid, pause, reportOf, shout, type TestGrid, type TestWorker } from './support/grid.ts';
import { addOwnWorker } from './support/own-terminal.ts';
import { bearer, newId } from './support/parties.ts';
import { startTestDispatch, type TestDispatch } from './support/test-dispatch.ts';

const byLines = { split: { by: 'lines', records: 1 }, merge: { by: 'lines' } } as const;

let dispatch: TestDispatch;
let grid: TestGrid;
let reference: TestWorker;
before(async () => {
  dispatch = await startTestDispatch();
  grid = await createGrid(dispatch.url, dispatch.operatorKey);
});
beforeEach(async () => {
  reference = await addOwnWorker(dispatch, 'reference');
});
after(() => dispatch[Symbol.asyncDispose]());

const sql = () => dispatch.server.context.sql;
const costs = () => bearer(dispatch.url, dispatch.operatorKey).call(readTrustCosts);
/** Instead of waiting. */
const passRetry = () => sql()`update audit set retry_at = now() where retry_at > now()`;

/** A job that a newcomer computed, and that waits for the reference executor alone. */
async function waitingJob(limits?: { memoryMiB: number }): Promise<JobId> {
  const jobId = await grid.submit('one\n', {
    ...byLines,
    trust: 'standard',
    ...(limits === undefined ? {} : { limits }),
  });
  const author = await grid.terminal();
  await grid.reach(jobId, 'running');
  await author.workUntil(async () => (await grid.read(jobId)).units.done === 1);
  await until(async () => (await sql()`select from audit where state = 'wanted'`).length === 1);
  return jobId;
}

test('what the reference executor cannot compute is tried ever less often, and its job says why it waits', async () => {
  const jobId = await waitingJob();
  const waits: number[] = [];
  for (let nth = 0; nth < 3; nth++) {
    assert.notEqual((await grid.read(jobId)).reason.code, 'reference-cannot', 'Once or twice may be chance.');
    const [taken] = await reference.take();
    assert.ok(taken);
    const report = { assignmentId: taken.assignmentId, fuels: [], outputs: [], restCause: 'time-limit' };
    await reference.cycle({ reports: [report], unitsMax: 0 });
    assert.deepEqual((await reference.cycle()).assignments, [], 'Not at once again.');
    const [row] = await sql()<{ seconds: number }[]>`
      select round(extract(epoch from retry_at - now()))::int as seconds from audit where state = 'wanted'
    `;
    waits.push(row?.seconds ?? 0);
    if (nth < 2) await passRetry();
  }
  assert.deepEqual(waits, [10, 20, 40]);
  const { state, reason } = await grid.read(jobId);
  assert.notEqual(state, 'failed', 'A member has computed the unit.');
  assert.equal(reason.code, 'reference-cannot');
  assert.match(reason.sentence, /took longer on the reference executor’s machine than limits.time/);
  const [held] = (await costs()).referenceCannot;
  assert.equal(held?.jobId, jobId);
  assert.deepEqual([held?.returns, held?.cause, held?.firstUnit], [3, 'time-limit', 0]);
  assert.match(held?.remedy ?? '', /faster machine/);

  const other = await addOwnWorker(dispatch, 'reference');
  await other.workUntil(async () => (await grid.read(jobId)).state === 'done');
  assert.deepEqual((await costs()).referenceCannot, []);
});

test('a reference executor that is started anew is asked at once', async () => {
  const jobId = await waitingJob();
  const [taken] = await reference.take();
  assert.ok(taken);
  const report = { assignmentId: taken.assignmentId, fuels: [], outputs: [], restCause: 'host-memory' };
  await reference.cycle({ reports: [report], unitsMax: 0 });
  assert.deepEqual((await reference.cycle()).assignments, []);
  const [again] = (await reference.cycle({ begins: true })).assignments;
  assert.ok(again);
  await reference.cycle({ reports: [await reportOf(again, shout)] });
  await reference.workUntil(async () => (await grid.read(jobId)).state === 'done');
});

test('a reference executor that is stopped is not told of as one that cannot', async () => {
  const jobId = await waitingJob();
  for (let nth = 0; nth < 4; nth++) {
    const [taken] = await reference.take();
    assert.ok(taken);
    const report = { assignmentId: taken.assignmentId, fuels: [], outputs: [], restCause: 'stopped' };
    await reference.cycle({ reports: [report], unitsMax: 0 });
  }
  assert.notEqual((await grid.read(jobId)).reason.code, 'reference-cannot');
  await reference.workUntil(async () => (await grid.read(jobId)).state === 'done');
});

test('a copy that takes more memory than the reference executor lends is not sent to it, and its job says so', async () => {
  const jobId = await waitingJob({ memoryMiB: 400 });
  const ask = (memoryMiB: number) =>
    reference.caller.call(cycle, {
      body: { cycleId: newId(), reports: [], want: { unitsMax: 64, parallel: 4, memoryMiB } },
    });
  for (let nth = 0; nth < 3; nth++) {
    await pause();
    assert.deepEqual((await ask(399)).assignments, []);
    assert.deepEqual((await ask(399)).assignments, [], 'Counted once for each try.');
    await passRetry();
  }
  const { reason } = await grid.read(jobId);
  assert.equal(reason.code, 'reference-cannot');
  assert.match(reason.sentence, /more memory than any reference executor/);
  const [held] = (await costs()).referenceCannot;
  assert.deepEqual([held?.returns, held?.cause], [3, 'too-large']);
  const [taken] = (await ask(400)).assignments;
  assert.ok(taken);
  await reference.cycle({ reports: [await reportOf(taken, shout)] });
  await reference.workUntil(async () => (await grid.read(jobId)).state === 'done');
});

async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) {
    await pause();
  }
}
