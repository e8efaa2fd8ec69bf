import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createGrid } from './support/grid.ts';
import { addOwnWorker } from './support/own-terminal.ts';
import { startTestDispatch } from './support/test-dispatch.ts';
import { assertEverythingEarnedOnce, assertOfferedOnce, assertTraceIsTrue } from './support/trust.ts';

const byLines = { split: { by: 'lines', records: 1 }, merge: { by: 'lines' } } as const;
const lines = (count: number) => Array.from({ length: count }, (_, index) => `line ${index}\n`).join('');

test('two replicas that decide at once decide about each result once, and come to the honest output', async () => {
  await using dispatch = await startTestDispatch();
  await using second = await dispatch.startReplica(2);
  const grid = await createGrid(dispatch.url, dispatch.operatorKey);
  const jobId = await grid.submit(lines(200), { ...byLines, trust: 'standard' });
  await grid.reach(jobId, 'running');
  const isOver = async () => (await grid.read(jobId)).state === 'done';
  const workers = await Promise.all(Array.from({ length: 4 }, () => grid.terminal()));
  const liar = await grid.terminal();
  const lying = liar.at(second.url);
  const reference = await addOwnWorker(dispatch, 'reference');
  // First, or the others may compute all of it before a lie is told.
  await lying.workUntil(
    async () => (await grid.read(jobId)).units.done > 0,
    () => 'lie\n',
  );
  await Promise.all([
    ...workers.map((worker, nth) =>
      (nth % 2 === 0 ? worker : worker.at(second.url)).workUntil(isOver, undefined, { unitsMax: 3 }),
    ),
    reference.workUntil(isOver),
    assert.rejects(
      // Also after the job: the other replica learns of a revocation a little later.
      lying.workUntil(
        () => false,
        () => 'lie\n',
      ),
      { code: 'terminal-revoked' },
    ),
  ]);
  assert.equal(await grid.result(jobId), lines(200).toUpperCase());
  const { sql } = dispatch.server.context;
  await assertTraceIsTrue(sql);
  await assertOfferedOnce(sql);
  await assertEverythingEarnedOnce(sql);
});
