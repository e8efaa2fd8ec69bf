import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { inTransaction } from '@taika/database/transaction';
import { deleteJobData } from '@taika/protocol/dispatch/jobs';
import { deleteDataStep } from '../src/deletion/delete-data.ts';
import { deleteRowsOfUnits, listParts } from '../src/deletion/queries.ts';
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

test('rows go batch by batch without a defect in between, and what was earned stays', async () => {
  const { context } = dispatch.server;
  const worker = await grid.terminal();
  const jobId = await grid.submit('word\n'.repeat(200), byLines);
  await grid.reach(jobId, 'running');
  await worker.workUntil(async () => (await grid.read(jobId)).state === 'done');
  const { fuel, units } = await grid.read(jobId);
  const jobNumber = await numberOf(jobId);
  assert.deepEqual(await countRows(jobId), { units: 200, results: 200, earned: 200 });

  const batch = { jobNumber, deleted: 0, units: 64 };
  assert.equal(await inTransaction(context.sql, (tx) => deleteRowsOfUnits(tx, batch)), true);
  assert.equal((await countRows(jobId)).units, 136);
  assert.equal(await inTransaction(context.sql, (tx) => deleteRowsOfUnits(tx, batch)), false);
  assert.equal((await countRows(jobId)).units, 136);
  assert.deepEqual(await listDefects(context.sql), []);
  const half = await grid.read(jobId);
  assert.deepEqual([half.fuel, half.units], [fuel, units]);
  assert.deepEqual(
    [...(await listParts(context.sql, jobNumber))],
    [{ jobNumber, unitCount: 200, deleted: 64 }],
  );
});

test('a deletion that was broken off goes on where it was', async () => {
  const { context } = dispatch.server;
  const jobId = await grid.submit('word\n'.repeat(150), byLines);
  await grid.reach(jobId, 'running');
  await grid.cancel(jobId);
  const jobNumber = await numberOf(jobId);
  const batch = { jobNumber, deleted: 0, units: 64 };
  assert.equal(await inTransaction(context.sql, (tx) => deleteRowsOfUnits(tx, batch)), true);
  await grid.customer.call(deleteJobData, { params: { jobId } });
  while ((await grid.read(jobId)).dataDeletedAt === undefined) {
    await deleteDataStep(context, undefined, 64);
    await pause();
  }
  assert.deepEqual(await countRows(jobId), { units: 0, results: 0, earned: 0 });
  assert.deepEqual(await listDefects(context.sql), []);
});
