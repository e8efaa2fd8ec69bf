import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createGrid, pause, reportOf, type TestGrid } from './support/grid.ts';
import { newId } from './support/parties.ts';
import { startTestDispatch, type TestDispatch } from './support/test-dispatch.ts';

let dispatch: TestDispatch;
let grid: TestGrid;
before(async () => {
  dispatch = await startTestDispatch();
  grid = await createGrid(dispatch.url, dispatch.operatorKey);
});
after(() => dispatch[Symbol.asyncDispose]());

test('what an agent held that was killed goes to others when it starts again, and not what its first call got', async () => {
  const input = Array.from({ length: 8 }, (_, index) => `line ${index}\n`).join('');
  const jobId = await grid.submit(input, { split: { by: 'lines', records: 1 }, merge: { by: 'lines' } });
  await grid.reach(jobId, 'running');
  const worker = await grid.terminal();
  const lost = await worker.take({ unitsMax: 1 });

  const cycleId = newId();
  const first = await worker.cycle({ cycleId, begins: true, unitsMax: 1 });
  const repeated = await worker.cycle({ cycleId, begins: true, retry: true, unitsMax: 1 });
  const [held] = first.assignments;
  assert.ok(held);
  assert.deepEqual(
    repeated.assignments.map(({ assignmentId }) => assignmentId),
    [held.assignmentId],
  );
  // Long before the deadline, which is a minute at least.
  const { sql } = dispatch.server.context;
  const isOut = async (id: string | undefined) =>
    (await sql`select from assignment where id = ${id ?? '0'}`).length > 0;
  for (const { assignmentId } of lost) {
    while (await isOut(assignmentId)) {
      await pause();
    }
  }
  assert.ok(await isOut(held.assignmentId), 'What its first call got is its own.');

  const other = await grid.terminal();
  await worker.cycle({ reports: [await reportOf(held)], unitsMax: 0 });
  await other.workUntil(async () => (await grid.read(jobId)).state === 'done');
  assert.equal(await grid.result(jobId), input.toUpperCase());
});
