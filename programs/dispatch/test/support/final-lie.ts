import assert from 'node:assert/strict';
import type { Sql } from '@taika/database/connect';
import { inTransaction } from '@taika/database/transaction';
import type { JobId } from '@taika/protocol/schema';
import { finalizeRuns, settleEscrow } from '../../src/trust/final-queries.ts';
import { type Compute, pause, reportOf, type TestGrid, type TestWorker } from './grid.ts';
import type { RegistrationChoice } from './parties.ts';

const byLines = { split: { by: 'lines', records: 1 }, merge: { by: 'lines' } } as const;

/**
 * A job of which a terminal with a long history hands in one run with a lie, which is not drawn, and has then passed a hundred more
 * audits: the lie is final and paid. One lie in twenty is drawn at once: then another terminal tries.
 */
export async function finalLie<M extends RegistrationChoice>(
  { grid, sql }: { readonly grid: TestGrid; readonly sql: Sql },
  {
    input,
    lie,
    newMember,
    units = 1,
    submit = () => grid.submit(input, { ...byLines, trust: 'economy' }),
  }: {
    readonly input: string;
    readonly lie: Compute;
    readonly newMember: () => Promise<M>;
    /** Of the run; what `lie` says of each is handed in. */
    readonly units?: number;
    /** Another job of the same input, at the phase to be lied in. */
    readonly submit?: () => Promise<JobId>;
  },
): Promise<{
  readonly jobId: JobId;
  readonly liar: TestWorker;
  readonly member: M;
  /** Units of lies that were drawn: each is final in a cancelled job of its own. */
  readonly drawnUnits: number;
}> {
  for (let drawnUnits = 0; ; drawnUnits += units) {
    const jobId = await submit();
    await grid.reach(jobId, 'running');
    const member = await newMember();
    const liar = await grid.terminal(undefined, member);
    await trustAtOnce(sql, liar, 1_000);
    const [first] = await liar.take({ unitsMax: units });
    assert.equal(first?.input.lengths.length, units);
    await liar.cycle({ reports: [await reportOf(first, lie)], unitsMax: 0 });
    const run = await decidedRun(sql, first.assignmentId);
    if (!run.awaits) {
      await sql`update terminal_trust set passed = 1100, drawn = 1100 where terminal_number = ${run.terminalNumber}`;
      await inTransaction(sql, async (tx) => {
        const terminalNumbers = [run.terminalNumber];
        assert.equal((await finalizeRuns(tx, { kind: 'passed', terminalNumbers }, new Date())).length, 1);
        await tx`update job_cursor set units_final = units_final + ${units} where job_number = ${run.jobNumber}`;
      });
      await forgetTrust(sql, liar);
      return { jobId, liar, member, drawnUnits };
    }
    await forgetRun(sql, run);
    await grid.cancel(jobId);
    await forgetTrust(sql, liar);
  }
}

/** Gives a terminal a history of so many passed audits. */
export async function trustAtOnce(sql: Sql, { terminalId }: TestWorker, passed: number): Promise<void> {
  await sql`
    insert into terminal_trust
      (terminal_number, member_number, network, week, standing, is_decoy, probation_passed, passed, drawn, reentries, active_at)
    select number, member_number, 0, 0, 'trusted', false, 20, ${passed}, ${passed}, 0, now()
    from terminal
    where id = ${terminalId}
  `;
}

/** It asks for no copies now: as a partner of others it would only be waited for. */
async function forgetTrust(sql: Sql, { terminalId }: TestWorker): Promise<void> {
  await sql`
    update terminal_trust
    set standing = 'probation'
    where terminal_number = (select number from terminal where id = ${terminalId})
  `;
}

/** A lie that was drawn would be found although its job is cancelled: as if it had not been told. */
async function forgetRun(
  sql: Sql,
  { jobNumber, firstUnit }: { readonly jobNumber: bigint; readonly firstUnit: number },
): Promise<void> {
  await inTransaction(sql, async (tx) => {
    await tx`update audit set state = 'done', outcome = 'forgotten', done_at = now() where job_number = ${jobNumber}`;
    await settleEscrow(tx, { kind: 'forfeit-run', jobNumber, firstUnit }, new Date());
    await tx`
      update trust_run set state = 'final', final_at = now(), awaits = false where job_number = ${jobNumber} and first_unit = ${firstUnit}
    `;
    await tx`update job_cursor set units_final = units_done where job_number = ${jobNumber}`;
  });
}

async function decidedRun(sql: Sql, assignmentId: string) {
  for (;;) {
    const [run] = await sql<
      { jobNumber: bigint; firstUnit: number; terminalNumber: bigint; awaits: boolean }[]
    >`
      select job_number, first_unit, terminal_number, awaits
      from trust_run
      where assignment_id = ${assignmentId}
        and state = 'open'
    `;
    if (run !== undefined) {
      return run;
    }
    await pause();
  }
}
