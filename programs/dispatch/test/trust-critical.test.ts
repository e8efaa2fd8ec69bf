import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import type { JobId } from '@taika/protocol/schema';
import { trustAtOnce } from './support/final-lie.ts';
import { type Compute, createGrid, pause, type TestGrid, type TestWorker } from './support/grid.ts';
import { addOwnWorker } from './support/own-terminal.ts';
import { startTestDispatch, type TestDispatch } from './support/test-dispatch.ts';
import { assertOfferedOnce, assertTraceIsTrue } from './support/trust.ts';

const byLines = { split: { by: 'lines', records: 1 }, merge: { by: 'lines' } } as const;
const lines = (count: number) => Array.from({ length: count }, (_, index) => `line ${index}\n`).join('');
const job = { ...byLines, trust: 'economy', limits: { outputBytes: 65_536 } } as const;
const one = { unitsMax: 1 } as const;

let dispatch: TestDispatch;
let grid: TestGrid;
let reference: TestWorker;
// Terminals of one test would be partners in the next, and not be there any more.
beforeEach(async () => {
  dispatch = await startTestDispatch();
  grid = await createGrid(dispatch.url, dispatch.operatorKey);
  reference = await addOwnWorker(dispatch, 'reference');
});
afterEach(() => dispatch[Symbol.asyncDispose]());

const sql = () => dispatch.server.context.sql;
const over = (jobId: JobId) => async () =>
  ['done', 'failed', 'cancelled'].includes((await grid.read(jobId)).state);

test('a found key is computed by another member and the reference, and a false one is its finder’s end', async () => {
  const find: Compute = (input, unit) => (unit === 5 ? 'FOUND 5\n' : input);
  const [honest, other, liar] = await trustedPool();
  const jobId = await grid.submit(lines(40), { ...job, critical: { contains: 'FOUND' } });
  await grid.reach(jobId, 'running');
  const isOver = over(jobId);
  let lies = 0;
  await Promise.all([
    ...[honest, other, reference].map((worker) => worker.workUntil(isOver, find, one)),
    liar
      .workUntil(isOver, (...unit) => (lies++ === 3 ? 'FOUND more\n' : find(...unit)), one)
      .catch((error: unknown) => assert.match(String(error), /revoked/)),
  ]);
  await grid.reach(jobId, 'done');
  const found = await grid.result(jobId);
  assert.equal(found, lines(40).replace('line 5\n', 'FOUND 5\n'));
  const [row] = await sql()<{ state: string }[]>`select state from terminal where id = ${liar.terminalId}`;
  assert.equal(row?.state, lies > 3 ? 'revoked' : 'active');
  const audits = await auditsOf(jobId, 5);
  assert.ok(audits.includes('critical judge'), `Unit 5 had ${audits.join(', ')}.`);
  assert.ok(audits.includes('critical copy'), `Unit 5 had ${audits.join(', ')}.`);
  await assertTraceIsTrue(sql());
  await assertOfferedOnce(sql());
});

test('each record is certain before it is believed, and a false one hides none after it', async () => {
  const measure: Compute = (_input, unit) => `energy ${unit}\n`;
  const [honest, other, liar] = await trustedPool();
  const jobId = await grid.submit(lines(30), { ...job, critical: { extreme: 'largest' } });
  await grid.reach(jobId, 'running');
  const isOver = over(jobId);
  await Promise.all([
    ...[honest, other, reference].map((worker) => worker.workUntil(isOver, measure, one)),
    liar
      .workUntil(isOver, () => 'energy 1e9\n', one)
      .catch((error: unknown) => assert.match(String(error), /revoked/)),
  ]);
  await grid.reach(jobId, 'done');
  assert.equal(
    await grid.result(jobId),
    Array.from({ length: 30 }, (_, unit) => `energy ${unit}\n`).join(''),
  );
  const [extreme] = await sql()<{ value: number }[]>`
    select value from job_extreme join job on job.number = job_extreme.job_number where job.id = ${jobId}
  `;
  assert.equal(extreme?.value, 29);
  assert.ok((await auditsOf(jobId, 29)).some((audit) => audit.startsWith('critical')));
  await assertTraceIsTrue(sql());
});

test('a predicate without a trust level, or for outputs that cannot be looked into, is refused', async () => {
  await assert.rejects(grid.submit(lines(2), { ...byLines, critical: { contains: 'x' } }), {
    code: 'job-refused',
  });
  await assert.rejects(
    grid.submit(lines(2), { ...byLines, trust: 'high', critical: { contains: 'x' } }),
    /limits\.output to 64KiB/,
  );
});

async function auditsOf(jobId: JobId, unit: number): Promise<string[]> {
  const rows = await sql()<{ audit: string }[]>`
    select audit.reason || ' ' || audit.kind as audit
    from audit
    join job on job.number = audit.job_number
    where job.id = ${jobId}
      and first_unit <= ${unit}
      and first_unit + units > ${unit}
  `;
  return rows.map(({ audit }) => audit);
}

/** Three that are known to be there. */
async function trustedPool(): Promise<[TestWorker, TestWorker, TestWorker]> {
  const pool: [TestWorker, TestWorker, TestWorker] = [await trusted(), await trusted(), await trusted()];
  for (;;) {
    const [row] = await sql()<{ there: number }[]>`select count(*)::int as there from terminal_presence`;
    if ((row?.there ?? 0) >= pool.length) {
      return pool;
    }
    await pause();
  }
}

/** A terminal with so long a history that it is hardly ever drawn. */
async function trusted(): Promise<TestWorker> {
  const worker = await grid.terminal();
  await worker.cycle({ unitsMax: 0 });
  await trustAtOnce(sql(), worker, 1_000);
  return worker;
}
