import type { Transaction } from '@taika/database/connect';
import { inTransaction } from '@taika/database/transaction';
import { limits } from '@taika/protocol/limits';
import { faultPoint } from '@taika/runtime/fault-points';
import type { StepOutcome } from '@taika/runtime/loop';
import type { DispatchContext } from '../context.ts';
import { moveJob } from '../jobs/move-job.ts';
import { lapseOfSilent } from '../trust/audit-queries.ts';
import { takeAuditCopy } from '../trust/take-copy.ts';
import type { WorkContext } from '../work-context.ts';
import { decideAgreement, type Vote } from './agreement.ts';
import { returnAll } from './check-report.ts';
import {
  type CopyRunRow,
  deleteCopyAssignment,
  insertAgreedRun,
  insertCopyResult,
  insertVerdictOnVote,
  isJobOpen,
  listExpiredCopies,
  listVotes,
  lockCopyRuns,
  lockDueRuns,
  replaceCopyRuns,
  updateWanted,
  type VoteRow,
} from './copy-queries.ts';
import { unpackRun } from './packed-run.ts';
import type { CheckedReport, CountedReport, ReportedAssignment } from './queries.ts';
import { tallyCopy } from './tally-copy.ts';

/** Counts the report of a copy as votes on the runs that it covers; undefined when the assignment is not out any more. */
export async function takeCopyReport(
  { context, kickAgree }: Pick<WorkContext, 'context' | 'kickAgree'>,
  report: CheckedReport,
  assignment: ReportedAssignment,
): Promise<CountedReport | undefined> {
  const { assignmentId, terminalNumber } = report;
  const { jobNumber, firstUnit } = assignment;
  const counted = await inTransaction(context.sql, async (tx) => {
    const gone = await deleteCopyAssignment(tx, { assignmentId, terminalNumber });
    if (gone === undefined) {
      return undefined;
    }
    const answer = { assignmentId, jobNumber, firstUnit, isSettled: false };
    if (!(await isJobOpen(tx, jobNumber))) {
      return { ...answer, isCounted: false };
    }
    const before = await lockCopyRuns(tx, assignment);
    const after = tallyCopy(before, {
      endUnit: firstUnit + report.units,
      memberNumber: gone.memberNumber,
      // Who could not finish a unit is not asked for it again; who was only stopped may be.
      mayAskAgain: !report.isUnitAtFault,
    });
    await replaceCopyRuns(tx, { jobNumber, before, after });
    if (report.units > 0) {
      await insertCopyResult(tx, report, assignment, gone.memberNumber);
    }
    return { ...answer, isCounted: true };
  });
  kickAgree();
  return counted;
}

/** Counts the report of a copy in the way of its job: as a vote, or as an audit. */
export async function takeAnyCopy(
  work: Pick<WorkContext, 'context' | 'kickAgree' | 'kickTrust' | 'catalogue'>,
  report: CheckedReport,
  assignment: ReportedAssignment,
): Promise<CountedReport | undefined> {
  const job = await work.catalogue.find(assignment.jobNumber);
  return job === undefined || job.trust === null
    ? takeCopyReport(work, report, assignment)
    : takeAuditCopy(work, report, assignment);
}

/** A step of a loop: takes back copies past their deadline, and those that wait for terminals which are gone. */
export async function expireCopiesStep(
  work: Pick<WorkContext, 'context' | 'kickAgree' | 'kickTrust' | 'catalogue'>,
): Promise<StepOutcome> {
  const expired = await listExpiredCopies(work.context.sql);
  for (const assignment of expired) {
    await takeAnyCopy(work, returnAll(assignment.id, assignment.terminalNumber, 'overdue'), assignment);
  }
  if (expired.length > 0) {
    faultPoint('copies-expired');
  }
  if ((await lapseOfSilent(work.context.sql)) > 0) {
    faultPoint('silent-lapsed');
    work.kickTrust();
  }
  return expired.length === 100 ? 'again' : 'idle';
}

/** Runs decided in one transaction. */
const dueMax = 100;

/** A step of a loop: decides on the runs that a result came in for. */
export async function agreeStep({ sql, clock }: DispatchContext): Promise<StepOutcome> {
  const decided = await inTransaction(sql, async (tx) => {
    const due = await lockDueRuns(tx, dueMax);
    for (const run of due) {
      await decideRun(tx, run, clock.now());
    }
    return due.length;
  });
  return decided === dueMax ? 'again' : 'idle';
}

async function decideRun(
  tx: Transaction,
  run: CopyRunRow & { readonly copies: number },
  now: Date,
): Promise<void> {
  const rows = await listVotes(tx, run, limits.runUnitsMax);
  const byId = new Map(rows.map((row) => [row.assignmentId, row]));
  const rowOf = ({ assignmentId }: Vote): VoteRow => {
    const row = byId.get(assignmentId);
    if (row === undefined) {
      throw new Error(`The vote ${assignmentId} was decided on and is not there.`);
    }
    return row;
  };
  const decided = decideAgreement(rows, run.copies);
  switch (decided.kind) {
    case 'more':
      await updateWanted(tx, run, Math.max(run.wanted, decided.wanted));
      return;
    case 'disagreed': {
      const { jobNumber, firstUnit, units } = run;
      const detail = `${rows.length} members gave different results for units ${firstUnit} to ${firstUnit + units - 1}.`;
      await updateWanted(tx, run, run.wanted);
      await moveJob(tx, { jobNumber, event: 'copies-disagreed', detail, now });
      return;
    }
    case 'agreed': {
      const winner = rowOf(decided.winner);
      const hasFailure = (winner.failures ?? []).some(
        ({ at }) =>
          at >= run.firstUnit - winner.firstUnit && at < run.firstUnit - winner.firstUnit + run.units,
      );
      const { assignmentId } = winner;
      await insertAgreedRun(tx, run, { assignmentId, fuel: fuelWithin(winner, run), hasFailure });
      for (const vote of decided.right.map(rowOf)) {
        await insertVerdictOnVote(tx, run, vote, { kind: 'finalized', fuel: fuelWithin(vote, run) });
      }
      for (const vote of decided.wrong.map(rowOf)) {
        await insertVerdictOnVote(tx, run, vote, { kind: 'forfeited', fuel: fuelWithin(vote, run) });
      }
    }
  }
}

/** Fuel of the part of a result that lies within a run. */
function fuelWithin(vote: VoteRow, run: CopyRunRow): bigint {
  const start = run.firstUnit - vote.firstUnit;
  return unpackRun(vote.outputs, vote.units)
    .slice(start, start + run.units)
    .reduce((sum, { fuel }) => sum + BigInt(fuel), 0n);
}
