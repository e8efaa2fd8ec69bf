/** Jobs that end without a result: what was handed in for them is checked as in any other, and nothing else is paid. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import type { AssignmentText, ReportText } from '@taika/protocol/dispatch/cycle';
import type { JobId } from '@taika/protocol/schema';
import { findJobToDelete } from '../src/deletion/queries.ts';
import { hasTrustWork } from '../src/trust/job-queries.ts';
import { trustAtOnce } from './support/final-lie.ts';
import { type Compute, createGrid, pause, reportOf, type TestGrid, type TestWorker } from './support/grid.ts';
import { addOwnWorker } from './support/own-terminal.ts';
import { startTestDispatch, type TestDispatch } from './support/test-dispatch.ts';
import { assertEverythingEarnedOnce, assertTraceIsTrue } from './support/trust.ts';

const byLines = { split: { by: 'lines', records: 1 }, merge: { by: 'lines' } } as const;
const lines = (count: number) => Array.from({ length: count }, (_, index) => `line ${index}\n`).join('');
/** They claim a hundred times the fuel of the truth. */
const lie: Compute = () => ({ output: 'lie\n', fuel: 100_000 });

let dispatch: TestDispatch;
let grid: TestGrid;
let reference: TestWorker;
beforeEach(async () => {
  dispatch = await startTestDispatch();
  grid = await createGrid(dispatch.url, dispatch.operatorKey);
  reference = await addOwnWorker(dispatch, 'reference');
});
afterEach(() => dispatch[Symbol.asyncDispose]());

const sql = () => dispatch.server.context.sql;

test('three that hand in lies and then fail the job by returning a unit are paid for nothing and found', async () => {
  const ring = [await trusted(), await trusted(), await trusted()];
  const jobId = await grid.submit(lines(30), { ...byLines, trust: 'standard' });
  await grid.reach(jobId, 'running');
  const [first] = ring;
  assert.ok(first);
  for (const member of ring) {
    await handIn(member, jobId, 3, lie);
  }
  const victim = await takeOne(first, jobId);
  await first.cycle({ reports: [returned(victim)], unitsMax: 0 });
  for (const member of ring.slice(1)) {
    for (;;) {
      const one = await takeOne(member, jobId);
      if (one.firstUnit === victim.firstUnit) {
        await member.cycle({ reports: [returned(one)], unitsMax: 0 });
        break;
      }
      await member.cycle({ reports: [await reportOf(one, lie)], unitsMax: 0 });
    }
  }
  await until(async () => (await grid.read(jobId)).state === 'failed');
  assert.ok((await runsOf(jobId)).length > 10, 'They lied.');

  // Of copies they tell the truth, as careful cheats do.
  await workToTheEnd(ring);
  const { committed = 0n, finalized = 0n, forfeited = 0n } = await pointsOf();
  assert.equal(finalized + forfeited, committed, 'Nothing is left to hope for.');
  assert.ok(finalized < 100_000n, 'A lie was paid, and not only copies that were right.');
  for (const member of ring) {
    assert.equal(await standingOf(member), 'revoked');
  }
  await assertTraceIsTrue(sql());
  await assertEverythingEarnedOnce(sql());
});

test('what was handed in before a customer cancelled is checked, paid where it is right, and can be deleted', async () => {
  const honest = await trusted();
  const liar = await trusted();
  const jobId = await grid.submit(lines(40), { ...byLines, trust: 'standard' });
  await grid.reach(jobId, 'running');
  for (const [worker, compute] of [
    [honest, undefined],
    [liar, lie],
  ] as const) {
    await handIn(worker, jobId, 12, compute);
  }
  await grid.cancel(jobId);
  await workToTheEnd([honest, liar]);
  assert.equal(await standingOf(honest), 'trusted');
  assert.equal(await standingOf(liar), 'revoked');
  const { committed, finalized, forfeited } = await pointsOf(honest);
  assert.deepEqual([finalized, forfeited], [committed, undefined]);
  const lost = await pointsOf(liar);
  assert.deepEqual([lost.finalized, lost.forfeited], [undefined, lost.committed]);
  assert.notEqual(await findJobToDelete(sql(), { endedBefore: new Date(Date.now() + 60_000) }), undefined);
  await assertTraceIsTrue(sql());
  await assertEverythingEarnedOnce(sql());
});

test('a recall whose job is cancelled ends, and counts nothing that was not computed again as right', async () => {
  // The reference executor leaves to a member that is there what was dropped, and this one never comes for it.
  await (await grid.terminal()).cycle({ unitsMax: 1 });
  const liar = await trusted();
  const jobId = await grid.submit(lines(60), { ...byLines, trust: 'economy' });
  await grid.reach(jobId, 'running');
  await handIn(liar, jobId, 12, lie);
  const strictJob = await grid.submit(lines(2), { ...byLines, trust: 'strict' });
  await grid.reach(strictJob, 'running');
  await handIn(liar, strictJob, 1, lie);
  await reference.workUntil(async () => (await standingOf(liar)) === 'revoked');
  await until(async () => (await recallOf(liar)).dropped > 0);
  await grid.cancel(jobId);
  await grid.cancel(strictJob);
  await reference.workUntil(isSettled);
  const { recallsOut, recallsDone, dropped } = await recallOf(liar);
  assert.deepEqual([recallsOut, dropped], [0, 0]);
  const ended = await sql()<{ checked: number }[]>`
    select (event ->> 'checked')::int as checked from trust_decision where event ->> 'kind' = 'recall-ended'
  `;
  assert.deepEqual([...ended.map(({ checked }) => checked)], [recallsDone]);
  const [audits] = await sql()<
    { done: number }[]
  >`select count(*)::int as done from audit where outcome <> 'lapsed'`;
  assert.ok(recallsDone < (audits?.done ?? 0), `${recallsDone} results count as checked.`);
  await assertTraceIsTrue(sql());
});

test('what a decoy left open in a job that ended is dropped, and the deciding loop comes to rest', async () => {
  const decoy = await addOwnWorker(dispatch, 'decoy');
  const { terminalId } = await trusted();
  // Only who is there is asked about the decoy's answer.
  const isThere = async () =>
    (
      await sql()`
        select
        from terminal_presence p
        join terminal t on t.number = p.terminal_number
        where t.id = ${terminalId}
      `
    ).length > 0;
  await until(isThere);
  const jobId = await grid.submit(lines(6), { ...byLines, trust: 'standard' });
  await grid.reach(jobId, 'running');
  await handIn(decoy, jobId, 1, () => 'known to be wrong\n');
  const open = () => sql()`
    select
    from trust_run
    join job on job.number = trust_run.job_number
    where job.id = ${jobId}
      and trust_run.state = 'open'
  `;
  await until(async () => (await open()).length > 0);
  await grid.cancel(jobId);
  // As after a judgement that says nothing of it, because the program's output depends on a NaN.
  await sql()`update audit set state = 'done', outcome = 'author-wrong', done_at = now() where state <> 'done'`;
  await sql()`update trust_run set awaits = false where state = 'open'`;
  await until(async () => (await open()).length === 0);
  await until(async () => !(await hasTrustWork(sql())));
});

/** Everybody computes what they are asked for, rightly, until nothing is open; who is revoked meanwhile stops. */
async function workToTheEnd(workers: readonly TestWorker[]): Promise<void> {
  await Promise.all([
    reference.workUntil(isSettled),
    ...workers.map((worker) =>
      worker.workUntil(isSettled).catch((error: unknown) => assert.match(String(error), /revoked/)),
    ),
  ]);
}

/** Nothing is in escrow but a newcomer's, and the deciding loop has nothing to do. */
async function isSettled(): Promise<boolean> {
  const [row] = await sql()<{ isOpen: boolean }[]>`
    select exists (select from job_cursor where not is_open and (is_settling or not is_swept))
      or exists (select from audit where state <> 'done')
      or exists (select from trust_run where state in ('committed', 'open')) as is_open
  `;
  return row?.isOpen === false && !(await hasTrustWork(sql()));
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await pause();
}

async function trusted(): Promise<TestWorker> {
  const worker = await grid.terminal();
  await worker.cycle({ unitsMax: 0 });
  await trustAtOnce(sql(), worker, 1_000);
  return worker;
}

/** One unit of the job; copies that come first are computed rightly, as a careful cheat does. */
async function takeOne(worker: TestWorker, jobId: JobId): Promise<AssignmentText> {
  for (;;) {
    for (const one of await worker.take({ unitsMax: 1 })) {
      const [copy] = await sql()`select from audit where assignment_id = ${one.assignmentId}`;
      if (copy === undefined && one.jobId === jobId) {
        return one;
      }
      await worker.cycle({ reports: [await reportOf(one)], unitsMax: 0 });
    }
  }
}

async function handIn(worker: TestWorker, jobId: JobId, runs: number, compute?: Compute): Promise<void> {
  for (let nth = 0; nth < runs; nth++) {
    const one = await takeOne(worker, jobId);
    await worker.cycle({ reports: [await reportOf(one, compute)], unitsMax: 0 });
  }
}

function returned({ assignmentId }: AssignmentText): ReportText {
  return { assignmentId, fuels: [], outputs: [], restCause: 'time-limit' };
}

async function runsOf(jobId: JobId) {
  return sql()`select from trust_run r join job on job.number = r.job_number where job.id = ${jobId}`;
}

async function standingOf({ terminalId }: TestWorker): Promise<string | undefined> {
  const [row] = await sql()<{ standing: string }[]>`
    select standing from terminal_trust t join terminal on terminal.number = t.terminal_number where id = ${terminalId}
  `;
  return row?.standing;
}

async function recallOf({ terminalId }: TestWorker) {
  const [row] = await sql()<{ recallsOut: number; recallsDone: number; dropped: number }[]>`
    select recalls_out, recalls_done,
           (select count(*)::int from dropped_run d where d.terminal_number = t.terminal_number and compared_units < units) as dropped
    from terminal_trust t
    join terminal on terminal.number = t.terminal_number
    where terminal.id = ${terminalId}
  `;
  assert.ok(row);
  return row;
}

async function pointsOf(worker?: TestWorker) {
  const rows = await sql()<{ kind: string; fuel: bigint }[]>`
    select kind, sum(fuel)::bigint as fuel
    from points_entry e
    join terminal t on t.number = e.terminal_number
    where ${worker === undefined ? sql()`true` : sql()`t.id = ${worker.terminalId}`}
    group by kind
  `;
  const of = (wanted: string) => rows.find(({ kind }) => kind === wanted)?.fuel;
  return { committed: of('committed'), finalized: of('finalized'), forfeited: of('forfeited') };
}
