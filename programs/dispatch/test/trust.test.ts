import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { JobId } from '@taika/protocol/schema';
import { type Compute, createGrid, listDefects, type TestGrid } from './support/grid.ts';
import { addOwnWorker } from './support/own-terminal.ts';
import { startTestDispatch, type TestDispatch } from './support/test-dispatch.ts';

const byLines = { split: { by: 'lines', records: 1 }, merge: { by: 'lines' } } as const;
const lines = (count: number) => Array.from({ length: count }, (_, index) => `line ${index}\n`).join('');

let dispatch: TestDispatch;
let grid: TestGrid;

before(async () => {
  dispatch = await startTestDispatch();
  grid = await createGrid(dispatch.url, dispatch.operatorKey);
});
after(() => dispatch[Symbol.asyncDispose]());

const sql = () => dispatch.server.context.sql;

function ended(jobId: JobId) {
  return async () => ['done', 'failed', 'cancelled'].includes((await grid.read(jobId)).state);
}

test('newcomers’ results are checked by the reference executor, and the job is done with all of them final', async () => {
  const jobId = await grid.submit(lines(60), { ...byLines, trust: 'standard' });
  const isOver = ended(jobId);
  const reference = await addOwnWorker(dispatch, 'reference');
  const workers = await Promise.all([grid.terminal(), grid.terminal()]);
  await Promise.all([...workers, reference].map((worker) => worker.workUntil(isOver)));
  await grid.reach(jobId, 'done');
  assert.equal(await grid.result(jobId), lines(60).toUpperCase());
  assert.deepEqual(await listDefects(sql()), []);
});

test('a liar is revoked at its first lie, its work is done again, and the result is the honest one', async () => {
  const jobId = await grid.submit(lines(40), { ...byLines, trust: 'standard' });
  const isOver = ended(jobId);
  const lie: Compute = () => 'lie\n';
  const liar = await grid.terminal();
  const reference = await addOwnWorker(dispatch, 'reference');
  const isRevoked = async () => {
    const [row] = await sql()<{ state: string }[]>`select state from terminal where id = ${liar.terminalId}`;
    return row?.state === 'revoked';
  };
  await Promise.all([
    assert.rejects(liar.workUntil(isOver, lie), { code: 'terminal-revoked' }),
    reference.workUntil(isRevoked),
  ]);
  const honest = await grid.terminal();
  await Promise.all([honest, reference].map((worker) => worker.workUntil(isOver)));
  await grid.reach(jobId, 'done');
  assert.equal(await grid.result(jobId), lines(40).toUpperCase());
  assert.deepEqual(await listDefects(sql()), []);
});
