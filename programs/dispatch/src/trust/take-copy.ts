import { inTransaction } from '@taika/database/transaction';
import { faultPoint } from '@taika/runtime/fault-points';
import { deleteCopyAssignment, insertCopyResult } from '../results/copy-queries.ts';
import type { CheckedReport, CountedReport, ReportedAssignment } from '../results/queries.ts';
import type { WorkContext } from '../work-context.ts';
import { updateReported } from './audit-queries.ts';
import { warnOfReturned } from './warn-of-returned.ts';

/**
 * Takes in a copy of a run of a job with a trust level; undefined when its assignment is not out any more. What it says is
 * decided about later: the answer to the terminal is that of any report.
 */
export async function takeAuditCopy(
  { context, kickTrust }: Pick<WorkContext, 'context' | 'kickTrust'>,
  report: CheckedReport,
  assignment: ReportedAssignment,
): Promise<CountedReport | undefined> {
  const { assignmentId, terminalNumber, returnCause } = report;
  const { jobNumber, firstUnit } = assignment;
  const isReference = (await context.standing.find(terminalNumber))?.role === 'reference';
  let returned: { readonly returns: number; readonly jobId: string } | undefined;
  const counted = await inTransaction(context.sql, async (tx) => {
    const gone = await deleteCopyAssignment(tx, { assignmentId, terminalNumber });
    if (gone === undefined) {
      return undefined;
    }
    const answer = { assignmentId, jobNumber, firstUnit, isSettled: false };
    const { units, fuel } = report;
    // Half of what the reference executor was asked for settles nothing: it computes all of it again.
    const isUseless = isReference && units < assignment.units;
    const noted = await updateReported(tx, {
      assignmentId,
      terminalNumber,
      units,
      fuel,
      isReference,
      returnCause,
    });
    if (noted === undefined) {
      return { ...answer, isCounted: false };
    }
    if (units > 0 && !isUseless) {
      await insertCopyResult(tx, report, assignment, gone.memberNumber, { earns: !isReference });
    }
    faultPoint('copy-taken');
    returned = noted;
    return { ...answer, isCounted: true };
  });
  faultPoint('copy-committed');
  if (isReference && returnCause !== undefined && returned !== undefined) {
    const { units } = assignment;
    warnOfReturned(context.log, [{ ...returned, firstUnit, units, cause: returnCause }]);
  }
  kickTrust();
  return counted;
}
