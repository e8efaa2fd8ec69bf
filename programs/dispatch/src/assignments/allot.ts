import type { JudgingFormText } from '@taika/protocol/dispatch/cycle';
import { limits } from '@taika/protocol/limits';
import { defaultUnitLimits } from '@taika/wasm/unit';
import type { TerminalCaller } from '../context.ts';
import { memoryMiBOf } from '../jobs/job-catalogue.ts';
import { claimCopies } from '../results/copy-queries.ts';
import type { TerminalRole } from '../terminals/standing.ts';
import { allotAudits } from '../trust/allot-audits.ts';
import { byDeadline } from '../units/by-deadline.ts';
import { deadlineFloorMs, deadlineMs, runUnits } from '../units/run-size.ts';
import type { RunningJob } from '../units/running-jobs.ts';
import type { UnitRun } from '../units/unit-window.ts';
import type { WorkContext } from '../work-context.ts';

/** What a terminal asks for. */
export interface Wanted {
  readonly unitsMax: number;
  readonly parallel: number;
  readonly memoryMiB: number;
}

/** A terminal that asks, and what it is for. */
export interface WorkingTerminal extends TerminalCaller {
  readonly role: TerminalRole;
}

/** A run that is a terminal's now. */
export interface AllottedRun {
  readonly assignmentId: bigint;
  readonly jobNumber: bigint;
  readonly firstUnit: number;
  readonly units: number;
  readonly deadlineMs: number;
  /** The units as they were cut; undefined for a copy, whose places are read. */
  readonly run: UnitRun | undefined;
  /** The form to run, where it is not the job's: for a reference executor. */
  readonly artefact?: JudgingFormText;
}

/** Runs in one answer: near a job's end, and after returns, they are small. */
const runsMax = 16;
/** Input of one run: more is too much to lose when a terminal goes. A single unit may be larger. */
const runInputBytesMax = 32 * 1024 * 1024;
/** Another replica recovered the window: try anew, but not for ever. */
const claimAttemptsMax = 3;

/** Chooses runs for a terminal: jobs in turn, copies that are waited for first, about a minute of work in all. */
export async function allotRuns(
  work: WorkContext,
  terminal: WorkingTerminal,
  wanted: Wanted,
  cycleKey: bigint,
): Promise<AllottedRun[]> {
  const audits = await allotAudits(work, terminal, wanted, cycleKey);
  if (audits.length > 0) {
    return audits;
  }
  const allotted: AllottedRun[] = [];
  let unitsWanted = wanted.unitsMax;
  for (const job of await jobsInTurn(work, wanted)) {
    const share = Math.min(unitsWanted, unitsOf(work, job, wanted));
    for (let left = share; left > 0 && allotted.length < runsMax; ) {
      const found = await takeFrom(work, job, { terminal, unitsMax: left, cycleKey });
      if (found.length === 0) {
        break;
      }
      allotted.push(...found);
      left -= found.reduce((sum, { units }) => sum + units, 0);
    }
    unitsWanted = wanted.unitsMax - allotted.reduce((sum, { units }) => sum + units, 0);
    if (allotted.length > 0) {
      // One job a call: mixing them would make every terminal load every program.
      break;
    }
  }
  for (const { assignmentId: id, jobNumber, firstUnit, units, run } of allotted) {
    const isCopy = run === undefined;
    work.issuedRuns.remember({
      id,
      jobNumber,
      firstUnit,
      units,
      terminalNumber: terminal.terminalNumber,
      isCopy,
    });
  }
  return allotted;
}

let turn = 0;

/**
 * The running jobs that fit the terminal, beginning with another at each call, so that none waits for all before it; of one
 * customer's, the one that is due first.
 */
async function jobsInTurn(
  { runningJobs, catalogue }: WorkContext,
  { memoryMiB }: Wanted,
): Promise<RunningJob[]> {
  const jobs = await runningJobs.list();
  turn = (turn + 1) % Math.max(1, jobs.length);
  const fitting: RunningJob[] = [];
  for (const job of byDeadline([...jobs.slice(turn), ...jobs.slice(0, turn)])) {
    const details = await catalogue.find(job.number);
    if (details !== undefined && memoryMiBOf(details) <= memoryMiB) {
      fitting.push(job);
    }
  }
  return fitting;
}

function unitsOf({ asking }: WorkContext, job: RunningJob, { unitsMax, parallel }: Wanted): number {
  return runUnits({
    fuelPerUnit: job.fuelPerUnit,
    referenceFuelPerSecond: job.referenceFuelPerSecond,
    parallel,
    unitsMax,
    unitsLeft: job.unitCount - job.unitsDone,
    terminals: asking.count(),
  });
}

interface TakeFrom {
  readonly terminal: WorkingTerminal;
  readonly unitsMax: number;
  readonly cycleKey: bigint;
}

async function takeFrom(work: WorkContext, job: RunningJob, options: TakeFrom): Promise<AllottedRun[]> {
  if (options.terminal.role === 'reference' && job.trust === null) {
    // Its time is for what nobody else may compute, or only its word settles.
    return [];
  }
  const copies = job.copies > 1 ? await takeCopies(work, job, options) : [];
  if (copies.length > 0) {
    return copies;
  }
  const { terminal } = options;
  const allowed = terminal.role === 'member' ? work.caps.unitsFor(job, terminal) : options.unitsMax;
  if (allowed <= 0) {
    return [];
  }
  const fresh = await takeFresh(work, job, { ...options, unitsMax: Math.min(options.unitsMax, allowed) });
  if (fresh === undefined) {
    return [];
  }
  work.caps.note(job.number, terminal, fresh.units);
  return [fresh];
}

async function takeFresh(
  work: WorkContext,
  job: RunningJob,
  { terminal, unitsMax, cycleKey }: TakeFrom,
): Promise<AllottedRun | undefined> {
  const { terminalNumber, memberNumber, role } = terminal;
  for (let attempt = 0; attempt < claimAttemptsMax; attempt++) {
    const who = { jobNumber: job.number, terminalNumber, memberNumber };
    const options = { ...who, bytesMax: runInputBytesMax, unitsMax: Math.min(unitsMax, runUnitsMax) };
    const run = await (role === 'reference' ? work.feeder.takeLast(options) : work.feeder.take(options));
    if (run === undefined) {
      return undefined;
    }
    const { window, jobNumber, firstUnit, units } = run;
    const assignmentId = await work.assignmentIds.next();
    const allotted = {
      assignmentId,
      jobNumber,
      firstUnit,
      units,
      deadlineMs: await deadlineOf(work, job, units),
    };
    const claim = { ...allotted, blockId: window.blockId, terminalNumber, memberNumber, cycleKey };
    if (await work.claims.claim(claim, window)) {
      return { ...allotted, run };
    }
  }
  return undefined;
}

const { runUnitsMax } = limits;
/** Copies in one answer. */
const copiesMax = 16;

async function takeCopies(
  work: WorkContext,
  job: RunningJob,
  { terminal, unitsMax, cycleKey }: TakeFrom,
): Promise<AllottedRun[]> {
  const assignmentIds = await Promise.all(Array.from({ length: copiesMax }, () => work.assignmentIds.next()));
  const { terminalNumber, memberNumber } = terminal;
  // By the run that is found: a copy's time must not be that of the longest run there could be.
  const unitDeadlineMs = (await deadlineOf(work, job, runUnitsMax)) / runUnitsMax;
  const found = await claimCopies(work.context.sql, {
    jobNumber: job.number,
    terminalNumber,
    memberNumber,
    cycleKey,
    unitsMax,
    unitDeadlineMs,
    deadlineFloorMs,
    assignmentIds,
  });
  return found.map(({ id, firstUnit, units }) => ({
    assignmentId: id,
    jobNumber: job.number,
    firstUnit,
    units,
    deadlineMs: Math.round(Math.max(deadlineFloorMs, units * unitDeadlineMs)),
    run: undefined,
  }));
}

async function deadlineOf({ catalogue }: WorkContext, job: RunningJob, units: number): Promise<number> {
  const details = await catalogue.find(job.number);
  return deadlineMs(units, job, details?.spec.limits?.timeMs ?? defaultUnitLimits.durationMsMax);
}
