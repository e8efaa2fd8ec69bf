import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { inTransaction } from '@taika/database/transaction';
import { deleteJobRowsStep } from '../src/jobs/delete-job-rows.ts';
import { deleteRowsOfUnits, markRowsUnwanted } from '../src/jobs/delete-queries.ts';
import { createGrid, listDefects, pause, type TestGrid } from './support/grid.ts';
import { startTestDispatch, type TestDispatch } from './support/test-dispatch.ts';

let dispatch: TestDispatch;
let grid: TestGrid;

before(async () => {
  dispatch = await startTestDispatch();
  grid = await createGrid(dispatch.url, dispatch.operatorKey);
});
after(() => dispatch[Symbol.asyncDispose]());

const byLines = { split: { by: 'lines', records: 1 }, merge: { by: 'lines' } } as const;
const never = new AbortController().signal;

/** Rows of a job in the tables that grow with its units. */
async function countRows(jobId: string): Promise<{ units: number; results: number; earned: number }> {
  const [row] = await dispatch.server.context.sql<{ units: number; results: number; earned: number }[]>`
    select (select count(*)::int from unit where job_number = job.number) as units,
           (select coalesce(sum(units), 0)::int from result where job_number = job.number) as results,
           (select coalesce(sum(units), 0)::int from points_entry where job_number = job.number) as earned
    from job
    where id = ${jobId}
  `;
  assert.ok(row);
  return row;
}

async function numberOf(jobId: string): Promise<bigint> {
  const [row] = await dispatch.server.context.sql<{ number: bigint }[]>`
    select number from job where id = ${jobId}
  `;
  assert.ok(row);
  return row.number;
}

test('a finished job loses its rows batch by batch, and keeps its view, its result and what was earned', async () => {
  const { context } = dispatch.server;
  const worker = await grid.terminal();
  const jobId = await grid.submit('word\n'.repeat(200), byLines);
  await grid.reach(jobId, 'running');
  await worker.workUntil(async () => (await grid.read(jobId)).state === 'done');
  const before = await grid.read(jobId);
  const jobNumber = await numberOf(jobId);
  assert.deepEqual(await countRows(jobId), { units: 200, results: 200, earned: 200 });

  const batch = { jobNumber, deleted: 0, units: 64 };
  assert.equal(await inTransaction(context.sql, (tx) => deleteRowsOfUnits(tx, batch)), true);
  assert.equal((await countRows(jobId)).units, 136);
  assert.equal(await inTransaction(context.sql, (tx) => deleteRowsOfUnits(tx, batch)), false);
  assert.deepEqual(await listDefects(context.sql), []);
  await markRowsUnwanted(context.sql, jobNumber, context.clock.now());
  while ((await countRows(jobId)).results > 0) {
    await deleteJobRowsStep(context, never, 64);
    await pause();
  }
  assert.deepEqual(await countRows(jobId), { units: 0, results: 0, earned: 200 });
  assert.deepEqual(await listDefects(context.sql), []);
  const { invoiceId: _, ...view } = await grid.read(jobId);
  const { invoiceId: __, ...viewBefore } = before;
  assert.deepEqual(view, viewBefore);
  assert.equal(await grid.result(jobId), 'WORD\n'.repeat(200));

  const other = await grid.submit('x\n'.repeat(50), byLines);
  await grid.reach(other, 'running');
  await markRowsUnwanted(context.sql, await numberOf(other), context.clock.now());
  await deleteJobRowsStep(context, never, 64);
  assert.equal((await countRows(other)).units, 50);
  await grid.cancel(other);
});
