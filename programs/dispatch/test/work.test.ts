import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createGrid, listDefects } from './support/grid.ts';
import { startTestDispatch } from './support/test-dispatch.ts';

const lines = (count: number) => Array.from({ length: count }, (_, index) => `line ${index}\n`).join('');

test('a job is split, computed by two terminals and merged in the order of its input', async () => {
  await using dispatch = await startTestDispatch();
  const grid = await createGrid(dispatch.url, dispatch.operatorKey);
  const input = `header\n${lines(500)}`;
  const split = { by: 'lines', header: true, records: 3 } as const;
  const jobId = await grid.submit(input, { split, merge: { by: 'lines' } });
  await grid.reach(jobId, 'running');
  const isOver = async () => (await grid.read(jobId)).state !== 'running';
  const [first, second] = [await grid.terminal(), await grid.terminal()];
  await Promise.all([first.workUntil(isOver), second.workUntil(isOver)]);
  const view = await grid.reach(jobId, 'done');
  assert.equal(await grid.result(jobId), lines(500).toUpperCase());
  assert.equal(view.units.total, 167);
  assert.equal(view.units.done, 167);
  assert.equal(view.terminals, 2);
  assert.equal(view.fuel, String(167 * 1000 + lines(500).length));
  assert.deepEqual(await listDefects(dispatch.server.context.sql), []);
});
