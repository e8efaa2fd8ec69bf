import { type Loop, type LoopOptions, startLoop } from '@taika/runtime/loop';
import type { DispatchRouter } from './access/router.ts';
import { createAssignmentIds } from './assignments/assignment-ids.ts';
import { createClaims } from './assignments/claims.ts';
import { expireAssignmentsStep } from './assignments/expire.ts';
import { type BlobSettings, openBlobs } from './blobs/open-blobs.ts';
import { registerBlobRoutes } from './blobs/routes.ts';
import type { DispatchContext } from './context.ts';
import { collectBlobsStep } from './deletion/collect-blobs.ts';
import { deleteDataStep } from './deletion/delete-data.ts';
import { registerInspectionRoutes } from './inspection/routes.ts';
import { advanceJobsStep } from './jobs/advance-job.ts';
import { createJobAttempts } from './jobs/job-attempts.ts';
import { createJobCatalogue } from './jobs/job-catalogue.ts';
import { registerJobRoutes } from './jobs/routes.ts';
import { settleJobsStep } from './jobs/settle-jobs.ts';
import { splitJobsStep } from './jobs/split-job.ts';
import { sweepJobsStep } from './jobs/sweep-jobs.ts';
import { correctMergesStep } from './merging/correct-merge.ts';
import { mergeJobsStep } from './merging/merge-job.ts';
import { registerProgramRoutes } from './programs/routes.ts';
import { agreeStep, expireCopiesStep } from './results/copies.ts';
import { createEndedJobs } from './results/ended-jobs.ts';
import { createIssuedRuns } from './results/issued-runs.ts';
import { createReportCounter } from './results/report-counter.ts';
import { registerCycleRoutes } from './results/routes.ts';
import { registerSpendingRoutes } from './spending/routes.ts';
import { watchSpendingStep } from './spending/watch-spending.ts';
import { createCaps } from './trust/caps.ts';
import { decideStep } from './trust/decide-step.ts';
import { createWantedAudits } from './trust/wanted-audits.ts';
import { createAskingTerminals } from './units/asking-terminals.ts';
import { createFeeder } from './units/feeder.ts';
import { keepWindowsStep, recoverOwnWindows, recoverWindowsStep } from './units/keep-windows.ts';
import { readLastBlockId } from './units/queries.ts';
import { createRunningJobs } from './units/running-jobs.ts';
import { createLastResort, createTakeWindows } from './units/take-windows.ts';
import type { WorkContext } from './work-context.ts';

/** Everything that turns jobs into results, of one replica. Disposal lets running steps end and gives back the units that are held. */
export interface Work extends AsyncDisposable {
  registerRoutes(route: DispatchRouter): void;
}

/** Builds the caches and batchers that the slices share, recovers what this replica held before, and starts the loops. */
export async function startWork(context: DispatchContext, blobSettings: BlobSettings): Promise<Work> {
  const { sql, hotSql, clock, replica } = context;
  const blobs = await openBlobs(context, blobSettings);
  await recoverOwnWindows(context, await readLastBlockId(sql));
  const catalogue = createJobCatalogue(sql);
  const source = { sql, hotSql, replica, blobs, catalogue, clock };
  const feeder = createFeeder(createTakeWindows(source), createLastResort(source), clock);
  const wantedAudits = createWantedAudits(sql, clock);
  await wantedAudits.refresh();
  const runningJobs = createRunningJobs(sql, clock);
  const loops: Partial<Record<LoopName, Loop>> = {};
  const work: WorkContext = {
    context,
    blobs,
    catalogue,
    runningJobs,
    endedJobs: createEndedJobs(sql, runningJobs, clock),
    feeder,
    claims: createClaims(hotSql, feeder),
    assignmentIds: createAssignmentIds(sql),
    issuedRuns: createIssuedRuns(hotSql),
    counter: createReportCounter(hotSql),
    asking: createAskingTerminals(clock),
    wantedAudits,
    caps: createCaps(sql, clock),
    kickSplit: () => {
      loops.split?.kick();
      loops['split-by-program']?.kick();
      loops['split-by-program-long']?.kick();
    },
    kickSettle: () => loops.settle?.kick(),
    kickAgree: () => loops.agree?.kick(),
    kickTrust: () => loops.trust?.kick(),
  };
  const running = new AsyncDisposableStack();
  running.defer(() => leaveWindows(context));
  for (const [name, everyMs, step] of steps(work, (name) => loops[name]?.kick())) {
    const { log, random } = context;
    loops[name] = running.use(startLoop({ name, everyMs, step, clock, log, random }));
  }
  return {
    registerRoutes(route) {
      registerBlobRoutes(route, context, blobs);
      registerProgramRoutes(route, context, blobs);
      registerJobRoutes(route, work);
      registerInspectionRoutes(route, work);
      registerSpendingRoutes(route, work);
      registerCycleRoutes(route, work);
    },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

/** When all requests are answered and all steps are over, what is still held goes back, so that nobody waits until it expires. */
async function leaveWindows(context: DispatchContext): Promise<void> {
  try {
    await recoverOwnWindows(context, await readLastBlockId(context.sql));
  } catch (err) {
    // Stopping goes on without a database too: the windows expire.
    context.log.warn({ err }, 'The units held here could not be given back and wait until they expire.');
  }
}

type LoopName =
  | 'split'
  | 'split-by-program'
  | 'split-by-program-long'
  | 'settle'
  | 'merge'
  | 'advance'
  | 'sweep'
  | 'agree'
  | 'spending'
  | 'trust'
  | 'wanted-audits'
  | 'caps'
  | 'correct'
  | 'delete-data'
  | 'collect-blobs'
  | 'windows'
  | 'recover'
  | 'expire'
  | 'expire-copies';

function steps(work: WorkContext, kick: (name: LoopName) => void): [LoopName, number, LoopOptions['step']][] {
  const { context, blobs } = work;
  const collection = { after: '' };
  const attempts = {
    split: createJobAttempts(context, { what: 'split the input', state: 'splitting' }),
    splitByProgram: createJobAttempts(context, { what: 'split the input', state: 'splitting' }),
    merge: createJobAttempts(context, { what: 'merge the outputs', state: 'merging' }),
    advance: createJobAttempts(context, { what: 'begin the next stage', state: 'running' }),
    correct: createJobAttempts(context, { what: 'merge a corrected result' }),
  };
  const settle = async () => {
    const outcome = await settleJobsStep(context);
    if (outcome === 'again') {
      kick('merge');
      kick('advance');
    }
    return outcome;
  };
  const merge = async (signal: AbortSignal) => {
    const outcome = await mergeJobsStep(context, blobs, signal, attempts.merge);
    kick('advance');
    return outcome;
  };
  const advance = async (signal: AbortSignal) => {
    const outcome = await advanceJobsStep(context, blobs, signal, attempts.advance);
    if (outcome === 'again') {
      kick('split');
      kick('split-by-program');
      kick('split-by-program-long');
    }
    return outcome;
  };
  const decide = async () => {
    const outcome = await decideStep(context);
    await work.wantedAudits.refresh();
    if (outcome === 'again') {
      kick('merge');
    }
    return outcome;
  };
  return [
    ['split', 1_000, (signal) => splitJobsStep(context, blobs, signal, 'plain', attempts.split)],
    [
      'split-by-program',
      1_000,
      (signal) => splitJobsStep(context, blobs, signal, 'by-program', attempts.splitByProgram),
    ],
    [
      'split-by-program-long',
      1_000,
      (signal) => splitJobsStep(context, blobs, signal, 'by-program-long', attempts.splitByProgram),
    ],
    ['settle', 500, settle],
    ['merge', 1_000, merge],
    ['advance', 1_000, advance],
    ['sweep', 1_000, () => sweepJobsStep(context)],
    ['agree', 500, () => agreeStep(context)],
    ['spending', 500, () => watchSpendingStep(context, work.runningJobs.invalidate)],
    ['trust', 250, decide],
    ['wanted-audits', 500, () => work.wantedAudits.refresh()],
    ['caps', 2_000, () => work.caps.refresh()],
    ['correct', 1_000, (signal) => correctMergesStep(context, blobs, signal, attempts.correct)],
    ['delete-data', 2_000, (signal) => deleteDataStep(context, signal)],
    ['collect-blobs', 3_600_000, () => collectBlobsStep(context, blobs, collection)],
    ['windows', 1_000, () => keepWindowsStep(work)],
    ['recover', 5_000, () => recoverWindowsStep(context)],
    ['expire', 1_000, () => expireAssignmentsStep(work)],
    ['expire-copies', 5_000, () => expireCopiesStep(work)],
  ];
}
