import type { ReportText } from '@taika/protocol/dispatch/cycle';
import { findOwnedBlobs } from '../blobs/queries.ts';
import type { TerminalCaller } from '../context.ts';
import type { WorkContext } from '../work-context.ts';
import { checkReport, ReportRefused, returnAll } from './check-report.ts';
import { takeAnyCopy } from './copies.ts';
import { noteUnitReturn } from './note-unit-return.ts';
import type { CheckedReport, EarningReport, ReportedAssignment } from './queries.ts';

/** What a terminal is told of its report. */
export interface Verdict {
  readonly assignmentId: string;
  /** accepted: counted now; already: counted before; late: gone to another terminal; refused: does not fit, and goes to another terminal. */
  readonly verdict: 'accepted' | 'already' | 'late' | 'refused';
  readonly detail?: string;
}

/** Takes one report in: checks it, counts it exactly once, and sends what was not computed out again. */
export async function takeReport(
  work: WorkContext,
  report: ReportText,
  terminal: TerminalCaller,
): Promise<Verdict> {
  const { assignmentId } = report;
  const id = BigInt(assignmentId);
  const { terminalNumber } = terminal;
  const assignment = await work.issuedRuns.find(id);
  if (assignment === undefined || assignment.terminalNumber !== terminalNumber) {
    return { assignmentId, verdict: await verdictOfGone(work, id, terminalNumber) };
  }
  const { checked, refusal } = await check(work, report, assignment);
  const counted = assignment.isCopy
    ? await takeAnyCopy(work, checked, assignment)
    : await work.counter.count(await forRole(work, checked));
  work.issuedRuns.forget(id);
  if (counted === undefined) {
    return { assignmentId, verdict: await verdictOfGone(work, id, terminalNumber) };
  }
  if (counted.isSettled) {
    work.kickSettle();
    work.kickTrust();
  }
  if (!counted.isCounted) {
    return { assignmentId, verdict: 'late', detail: 'The job is over.' };
  }
  // A copy is of units that somebody has computed: whoever cannot compute them again says nothing of the job.
  if (checked.isUnitAtFault && !(await isOfResult(work, assignment))) {
    const unit = assignment.firstUnit + checked.units;
    const { jobNumber } = assignment;
    await noteUnitReturn(work.context, {
      jobNumber,
      unit,
      terminalNumber,
      cause: report.restCause ?? 'unknown',
    });
  }
  return refusal === undefined
    ? { assignmentId, verdict: 'accepted' }
    : { assignmentId, verdict: 'refused', detail: refusal };
}

async function isOfResult({ catalogue }: WorkContext, { isCopy, jobNumber }: ReportedAssignment) {
  return isCopy && (await catalogue.find(jobNumber))?.trust !== null;
}

/** What its terminal is for is known since the call was let in: this reads memory. */
async function forRole({ context }: WorkContext, checked: CheckedReport): Promise<EarningReport> {
  const role = (await context.standing.find(checked.terminalNumber))?.role;
  return { ...checked, earns: role !== 'reference', isDecoy: role === 'decoy' };
}

async function verdictOfGone({ counter }: WorkContext, id: bigint, terminalNumber: bigint) {
  return (await counter.wasCounted(id, terminalNumber)) ? 'already' : 'late';
}

/** A report that does not fit returns the run, so that its units are not lost until the deadline. */
async function check(
  { catalogue, context }: WorkContext,
  report: ReportText,
  assignment: ReportedAssignment,
): Promise<{ checked: CheckedReport; refusal?: string }> {
  const job = await catalogue.find(assignment.jobNumber);
  if (job === undefined) {
    throw new Error(`Assignment ${assignment.id} is of job ${assignment.jobNumber}, which is not there.`);
  }
  const digests = (report.blobs ?? []).map(({ sha256 }) => sha256);
  const { terminalNumber } = assignment;
  const blobSizes =
    digests.length === 0
      ? new Map<string, number>()
      : await findOwnedBlobs(context.sql, digests, { kind: 'terminal', terminalNumber });
  try {
    return { checked: checkReport(report, assignment, job, blobSizes) };
  } catch (error) {
    if (error instanceof ReportRefused) {
      return { checked: returnAll(assignment.id, terminalNumber, 'refused'), refusal: error.message };
    }
    throw error;
  }
}
