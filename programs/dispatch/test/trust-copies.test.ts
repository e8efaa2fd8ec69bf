/** What copies earn, and who falls with a lie that they agreed with. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { inTransaction } from '@taika/database/transaction';
import type { AssignmentText } from '@taika/protocol/dispatch/cycle';
import type { AuditReason } from '@taika/trust/event';
import { finalizeRuns } from '../src/trust/final-queries.ts';
import { trustAtOnce } from './support/final-lie.ts';
import {
  type Compute,
  createGrid,
  listDefects,
  pause,
  reportOf,
  type TestGrid,
  type TestWorker,
} from './support/grid.ts';
import { addOwnWorker } from './support/own-terminal.ts';
import { startTestDispatch, type TestDispatch } from './support/test-dispatch.ts';
import { assertEverythingEarnedOnce, assertTraceIsTrue } from './support/trust.ts';

const byLines = { split: { by: 'lines', records: 1 }, merge: { by: 'lines' } } as const;
const lines = (count: number) => Array.from({ length: count }, (_, index) => `line ${index}\n`).join('');
const lie: Compute = () => ({ output: 'lie\n', fuel: 2_000 });

let dispatch: TestDispatch;
let grid: TestGrid;
let reference: TestWorker;
let author: TestWorker;
beforeEach(async () => {
  dispatch = await startTestDispatch();
  grid = await createGrid(dispatch.url, dispatch.operatorKey);
  reference = await addOwnWorker(dispatch, 'reference');
  author = await trusted();
});
afterEach(() => dispatch[Symbol.asyncDispose]());

const sql = () => dispatch.server.context.sql;

test('a copy of a recall that lies is never paid, and forfeited once it is judged', async () => {
  const run = await handIn(undefined);
  const partner = await trusted();
  const auditId = await order(run, 'recall', partner);
  const copy = await takeCopy(partner, auditId);
  await partner.cycle({ reports: [await reportOf(copy, lie)], unitsMax: 0 });
  await reference.workUntil(async () => (await standingOf(partner)) === 'revoked');
  assert.deepEqual(await copyOf(auditId), { points: 'forfeited', outcome: 'other-fuel' });
  assert.deepEqual(await earnedKinds(partner), ['committed', 'forfeited']);
  await assertTraceIsTrue(sql());
  await assertEverythingEarnedOnce(sql());
});

test('a copy of a result that does not stand any more waits for its own terminal’s audits', async () => {
  const run = await handIn(undefined);
  const partner = await trusted();
  const auditId = await order(run, 'random', partner);
  const copy = await takeCopy(partner, auditId);
  // As if the run had been dropped and computed again meanwhile.
  await sql()`update audit set author_assignment = author_assignment + 1 where id = ${auditId}`;
  await partner.cycle({ reports: [await reportOf(copy)], unitsMax: 0 });
  while ((await copyOf(auditId)).outcome !== 'moot') await pause();
  await sql()`update trust_run set awaits = false where assignment_id = ${run.assignmentId}`;
  assert.equal((await copyOf(auditId)).points, 'pending');
  await passAudits(partner, 99);
  assert.equal((await copyOf(auditId)).points, 'pending');
  await passAudits(partner, 1);
  assert.equal((await copyOf(auditId)).points, 'paid');
  assert.deepEqual(await listDefects(sql()), []);
  await assertEverythingEarnedOnce(sql());
});

test('everybody who agreed with a lie falls with it, not only who agreed last', async () => {
  const run = await handIn(lie);
  const accomplices = [await trusted(), await trusted()];
  for (const accomplice of accomplices) {
    const auditId = await order(run, 'random', accomplice);
    const copy = await takeCopy(accomplice, auditId);
    await accomplice.cycle({ reports: [await reportOf(copy, lie)], unitsMax: 0 });
    while ((await copyOf(auditId)).outcome !== 'equal') await pause();
  }
  await order(run, 'random', undefined);
  await reference.workUntil(async () => (await standingOf(author)) === 'revoked');
  for (const accomplice of accomplices) {
    assert.equal(await standingOf(accomplice), 'revoked');
    assert.deepEqual(await earnedKinds(accomplice), ['committed', 'forfeited']);
  }
  await assertTraceIsTrue(sql());
  await assertEverythingEarnedOnce(sql());
});

/** The copy; what comes before it is given back. */
async function takeCopy(worker: TestWorker, auditId: bigint): Promise<AssignmentText> {
  for (;;) {
    for (const one of await worker.take({ unitsMax: 1 })) {
      const isIt =
        await sql()`select from audit where id = ${auditId} and assignment_id = ${one.assignmentId}`;
      if (isIt.length > 0) {
        return one;
      }
      await worker.cycle({ reports: [await reportOf(one, undefined, 0)], unitsMax: 0 });
    }
  }
}

interface HandedIn {
  readonly jobNumber: bigint;
  readonly firstUnit: number;
  readonly assignmentId: bigint;
}

/** A result that the draw left alone; one in twenty is drawn at once: then another terminal hands one in. */
async function handIn(compute: Compute | undefined): Promise<HandedIn> {
  const jobId = await grid.submit(lines(40), { ...byLines, trust: 'economy' });
  await grid.reach(jobId, 'running');
  for (;;) {
    const [one] = await author.take({ unitsMax: 1 });
    assert.ok(one);
    await author.cycle({ reports: [await reportOf(one, compute)], unitsMax: 0 });
    const run = await decided(BigInt(one.assignmentId));
    if (!run.awaits) {
      return run;
    }
    author = await trusted();
  }
}

async function decided(assignmentId: bigint): Promise<HandedIn & { readonly awaits: boolean }> {
  for (;;) {
    const [run] = await sql()<(HandedIn & { awaits: boolean })[]>`
      select job_number, first_unit, assignment_id, awaits
      from trust_run
      where assignment_id = ${assignmentId} and state <> 'committed'
    `;
    if (run !== undefined) {
      return run;
    }
    await pause();
  }
}

/** Orders a copy as a decision does. */
async function order(run: HandedIn, reason: AuditReason, partner: TestWorker | undefined): Promise<bigint> {
  return inTransaction(sql(), async (tx) => {
    await tx`update trust_run set awaits = true where assignment_id = ${run.assignmentId}`;
    const [row] = await tx<{ id: bigint }[]>`
      insert into audit
        (job_number, first_unit, units, author_assignment, author_terminal, kind, reason, by_terminal, wanted_at)
      select job_number, first_unit, units, assignment_id, terminal_number, 'copy', ${reason},
             (select number from terminal where id = ${partner?.terminalId ?? null}), now()
      from trust_run
      where assignment_id = ${run.assignmentId}
      returning id
    `;
    assert.ok(row);
    return row.id;
  });
}

async function copyOf(auditId: bigint) {
  const [row] = await sql()<{ points: string; outcome: string | null }[]>`
    select points, outcome from audit where id = ${auditId}
  `;
  assert.ok(row);
  return { ...row };
}

async function passAudits({ terminalId }: TestWorker, count: number): Promise<void> {
  await inTransaction(sql(), async (tx) => {
    const [row] = await tx<{ terminalNumber: bigint }[]>`
      update terminal_trust
      set passed = passed + ${count}, drawn = drawn + ${count}
      where terminal_number = (select number from terminal where id = ${terminalId})
      returning terminal_number
    `;
    assert.ok(row);
    await finalizeRuns(tx, { kind: 'passed', terminalNumbers: [row.terminalNumber] }, new Date());
  });
}

async function earnedKinds({ terminalId }: TestWorker): Promise<string[]> {
  const rows = await sql()<{ kind: string }[]>`
    select distinct kind
    from points_entry e
    join terminal t on t.number = e.terminal_number
    where t.id = ${terminalId}
    order by kind
  `;
  return rows.map(({ kind }) => kind);
}

async function standingOf({ terminalId }: TestWorker): Promise<string | undefined> {
  const [row] = await sql()<{ standing: string }[]>`
    select standing from terminal_trust t join terminal on terminal.number = t.terminal_number where id = ${terminalId}
  `;
  return row?.standing;
}

async function trusted(): Promise<TestWorker> {
  const worker = await grid.terminal();
  await worker.cycle({ unitsMax: 0 });
  await trustAtOnce(sql(), worker, 1_000);
  return worker;
}
