import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { JobId } from '@taika/protocol/schema';
import { type Compute, createGrid, smallestProgram, type TestGrid } from './support/grid.ts';
import { addOwnWorker } from './support/own-terminal.ts';
import { startTestDispatch, type TestDispatch } from './support/test-dispatch.ts';
import { assertTraceIsTrue } from './support/trust.ts';

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
  assert.ok((await assertTraceIsTrue(sql())) > 0);
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
  await reference.forgetHeld();
  const honest = await grid.terminal();
  await Promise.all([honest, reference].map((worker) => worker.workUntil(isOver)));
  await grid.reach(jobId, 'done');
  assert.equal(await grid.result(jobId), lines(40).toUpperCase());
  assert.ok((await assertTraceIsTrue(sql())) > 0);
});

test('what decides on the next round is always computed again, as critical', async () => {
  const { sha256 } = await grid.upload(smallestProgram);
  const rounds = { next: sha256 as never, max: 2 };
  const jobId = await grid.submit(lines(3), { ...byLines, trust: 'economy', rounds });
  const isOver = ended(jobId);
  const decide: Compute = (input) => (input.trim().includes('\n') ? `next\n${input}` : input);
  const reference = await addOwnWorker(dispatch, 'reference');
  const worker = await grid.terminal();
  await Promise.all([worker, reference].map((one) => one.workUntil(isOver, decide)));
  await grid.reach(jobId, 'done');
  const audits = await sql()<{ round: number; reason: string }[]>`
    select phase.round, audit.reason
    from audit
    join job phase on phase.number = audit.job_number
    join job on job.number = phase.parent_number
    where job.id = ${jobId}
      and phase.phase_kind = 'next'
      and audit.reason = 'critical'
    order by phase.round
  `;
  assert.deepEqual(
    audits.map(({ round, reason }) => `${round} ${reason}`),
    ['0 critical', '1 critical'],
  );
});

test('trusted terminals check one another, and what they said is final once their audits are passed', async () => {
  const jobId = await grid.submit(lines(1_500), { ...byLines, trust: 'high' });
  const isOver = ended(jobId);
  const reference = await addOwnWorker(dispatch, 'reference');
  const workers = await Promise.all([grid.terminal(), grid.terminal(), grid.terminal()]);
  await Promise.all([
    ...workers.map((worker) => worker.workUntil(isOver, undefined, { unitsMax: 5 })),
    reference.workUntil(isOver),
  ]);
  await grid.reach(jobId, 'done');
  assert.equal(await grid.result(jobId), lines(1_500).toUpperCase());
  await assertTraceIsTrue(sql());
  const copies = await sql()<{ byTerminal: boolean; outcome: string; copies: number }[]>`
    select by_terminal is not null as by_terminal, outcome, count(*)::int as copies
    from audit
    join job on job.number = audit.job_number
    where job.id = ${jobId}
    group by 1, 2
  `;
  const byTerminals = copies.filter(({ byTerminal }) => byTerminal);
  assert.ok(byTerminals.reduce((sum, row) => sum + row.copies, 0) > 0, 'Terminals were partners.');
  assert.ok(copies.every(({ outcome }) => outcome === 'equal' || outcome === 'lapsed'));
  const [trusted] = await sql()<{ terminals: number }[]>`
    select count(*)::int as terminals from terminal_trust where standing = 'trusted'
  `;
  assert.ok(trusted!.terminals >= 3);
});
