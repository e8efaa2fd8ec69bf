import { sha256Sync } from '@taika/crypto/node-digest';
import { ApiError } from '@taika/http/api-error';
import type {
  AssignmentText,
  CycleReplyText,
  CycleRequestText,
  JobBriefText,
} from '@taika/protocol/dispatch/cycle';
import { reason } from '@taika/protocol/reasons';
import type { JobId } from '@taika/protocol/schema';
import { type AllottedRun, allotRuns, type Wanted, type WorkingTerminal } from '../assignments/allot.ts';
import { comeBackMs } from '../assignments/come-back.ts';
import { jobBrief } from '../assignments/job-brief.ts';
import { expireTerminalAssignments, listCycleAssignments } from '../assignments/queries.ts';
import { runInput } from '../assignments/run-input.ts';
import type { TerminalCaller } from '../context.ts';
import type { JobDetails } from '../jobs/job-catalogue.ts';
import { revokedError } from '../terminals/revoked-error.ts';
import { type ConsentedLimits, refusalOf, type TerminalRole } from '../terminals/standing.ts';
import { takeBackIfRefused } from '../terminals/take-work-back.ts';
import { retryAtOnce } from '../trust/return-queries.ts';
import type { WorkContext } from '../work-context.ts';
import type { EarlierCall } from './recent-cycles.ts';
import { takeReport } from './take-report.ts';

/**
 * The one call of an agent's cycle (steps 303–305): takes in what was computed, then hands out more. The user database
 * is asked first (step 304). A repeated call finds its reports counted and gets the assignments that it got before, as
 * far as they are out still; `earlier` is what this replica knows of an earlier call with this id, `address` where the
 * call comes from.
 */
export async function runCycle(
  work: WorkContext,
  terminal: TerminalCaller,
  request: CycleRequestText,
  { earlier, address }: { readonly earlier?: EarlierCall | undefined; readonly address?: string } = {},
): Promise<CycleReplyText> {
  const { role, limits: consented } = await checkStanding(work, terminal);
  if (request.begins === true) {
    // Nobody waits for the deadline of what a killed agent held.
    const { terminalNumber } = terminal;
    const exceptCycle = cycleKeyOf(request.cycleId);
    await expireTerminalAssignments(work.context.sql, terminalNumber, { exceptCycle });
    if (role === 'reference') {
      await retryAtOnce(work.context.sql, terminalNumber);
    }
  }
  // At the same time, since neither needs the other: a call then waits for one commit and not for two.
  const [acknowledgements, allotted] = await Promise.all([
    Promise.all(request.reports.map((report) => takeReport(work, report, terminal))),
    request.want === undefined
      ? []
      : allot(work, { ...terminal, role }, { ...request, want: within(consented, request.want) }, earlier),
  ]);
  if (allotted.length > 0) {
    // The right may have ended meanwhile: what was just given would lie there until its deadline.
    const refusal = await takeBackIfRefused(work.context, terminal.terminalNumber);
    if (refusal !== undefined) {
      throw new ApiError(refusal);
    }
  }
  const { assignments, jobs } = await describe(work, allotted, { known: new Set(request.knownJobs), role });
  const endedJobs = await work.endedJobs.among(request.knownJobs ?? [], terminal.terminalNumber);
  notePresence(work, { ...terminal, address }, request, allotted);
  const hasWork = assignments.length > 0 || request.want === undefined;
  return {
    acknowledgements,
    assignments,
    jobs,
    endedJobs,
    comeBackMs: comeBackMs({ hasWork, terminals: work.asking.count() }, work.context.random),
    ...(hasWork ? {} : { reason: reason('no-work') }),
  };
}

async function checkStanding(
  { context }: WorkContext,
  { terminalNumber }: TerminalCaller,
): Promise<{ readonly role: TerminalRole; readonly limits: ConsentedLimits }> {
  const standing = await context.standing.find(terminalNumber);
  const refusal = refusalOf(standing);
  if (refusal === 'terminal-revoked') {
    throw revokedError(standing);
  }
  if (standing?.limits === undefined || refusal !== undefined) {
    throw new ApiError(refusal ?? 'no-consent');
  }
  return { role: standing.role, limits: standing.limits };
}

/** However much a terminal asks for, its member lends no more than was agreed. */
function within({ cores, memoryMiB }: ConsentedLimits, want: Wanted): Wanted {
  return {
    unitsMax: want.unitsMax,
    parallel: Math.min(want.parallel, cores),
    memoryMiB: Math.min(want.memoryMiB, memoryMiB),
  };
}

async function allot(
  work: WorkContext,
  terminal: WorkingTerminal,
  { cycleId, retry, want }: Pick<CycleRequestText, 'cycleId' | 'retry'> & { readonly want: Wanted },
  earlier: EarlierCall | undefined,
): Promise<AllottedRun[]> {
  const cycleKey = cycleKeyOf(cycleId);
  if (terminal.role !== 'reference') {
    // A reference executor takes no share of a job.
    work.asking.note(terminal.terminalNumber);
  }
  if (retry === true || earlier !== undefined) {
    const { terminalNumber } = terminal;
    const before = await listCycleAssignments(work.context.sql, { terminalNumber, cycleKey });
    // What an answered call was given may have been reported since: to hand out more would be another answer.
    if (before.length > 0 || earlier === 'answered') {
      return before.map(({ id, artefact, ...row }) => ({
        assignmentId: id,
        ...row,
        run: undefined,
        ...(artefact === null ? {} : { artefact }),
      }));
    }
  }
  return allotRuns(work, terminal, want, cycleKey);
}

/** 64 bits of the id's digest: with the terminal beside it, enough to find the call's assignments again. */
function cycleKeyOf(cycleId: string): bigint {
  const { buffer, byteOffset } = sha256Sync(cycleId);
  return new DataView(buffer, byteOffset).getBigInt64(0);
}

async function describe(
  work: WorkContext,
  allotted: readonly AllottedRun[],
  { known, role }: { readonly known: ReadonlySet<string>; readonly role: TerminalRole },
): Promise<{ assignments: AssignmentText[]; jobs: JobBriefText[] }> {
  const assignments: AssignmentText[] = [];
  const briefs = new Map<bigint, JobBriefText>();
  for (const run of allotted) {
    const job = await work.catalogue.find(run.jobNumber);
    if (job === undefined) {
      throw new Error(`A run of job ${run.jobNumber} was handed out, which is not there.`);
    }
    assignments.push(await toAssignment(work, job, run));
    if (!known.has(job.id) && !briefs.has(job.number)) {
      briefs.set(job.number, await jobBrief(job, work, role));
    }
  }
  return { assignments, jobs: [...briefs.values()] };
}

async function toAssignment(work: WorkContext, job: JobDetails, run: AllottedRun): Promise<AssignmentText> {
  return {
    assignmentId: String(run.assignmentId),
    jobId: job.id as JobId,
    firstUnit: run.firstUnit,
    input: await runInput(work, job, run),
    deadlineMs: run.deadlineMs,
    ...(run.artefact === undefined ? {} : { artefact: run.artefact }),
  };
}

function notePresence(
  { context }: WorkContext,
  { terminalNumber, address }: TerminalCaller & { readonly address: string | undefined },
  { state, want, agentVersion }: CycleRequestText,
  allotted: readonly AllottedRun[],
): void {
  const at = context.clock.now();
  const isIdle = want !== undefined && allotted.length === 0;
  const longestMs = Math.max(0, ...allotted.map(({ deadlineMs }) => deadlineMs));
  context.presence.note({
    terminalNumber,
    state: state === 'paused' || state === 'draining' ? 'paused' : isIdle ? 'idle-no-work' : 'computing',
    at,
    busyUntil: new Date(at.getTime() + longestMs),
    address,
    agentVersion,
  });
}
