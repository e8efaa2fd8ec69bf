import { RemoteError } from '@taika/http/call';
import type { CycleReplyText, CycleRequestText } from '@taika/protocol/dispatch/cycle';
import { limits as wireLimits } from '@taika/protocol/limits';
import { reason } from '@taika/protocol/reasons';
import type { ReasonText } from '@taika/protocol/schema';
import { uuidv7 } from '@taika/runtime/identifiers';
import { WrongRoleError } from '../dispatch-calls.ts';
import { reasonOfRefusal } from '../refusal-reason.ts';
import { callCycle } from './call-cycle.ts';
import { createCallSchedule } from './call-schedule.ts';
import { type ComputeContext, computeRun } from './compute-run.ts';
import { type ComputedRun, isFailure, returnUncomputed, takeBatch } from './computed-run.ts';
import { briefOfRun, holdRun } from './held-run.ts';
import { createHeldRuns } from './held-runs.ts';
import { createKnownJobs } from './known-jobs.ts';
import { logVerdicts } from './log-verdicts.ts';
import { createWarmSandboxes } from './warm-sandboxes.ts';
import { createWorkCounts } from './work-counts.ts';
import type { WorkMode } from './work-mode.ts';
import { viewRuns, type WorkView } from './work-view.ts';

/** How much of the machine may be used. */
export interface WorkLimits {
  readonly cores: number;
  readonly memoryMiB: number;
}

export interface WorkLoopOptions
  extends Pick<ComputeContext, 'host' | 'dispatch' | 'dispatchUrl' | 'contractorKey'> {
  readonly limits: WorkLimits;
  /** Called after each change of `view`. */
  readonly changed: () => void;
  /** Called when there is nothing held and nothing to say, while finishing. */
  readonly drained: () => void;
  /** Called after each attempt to reach the dispatch server, with whether it answered: then it has seen this terminal. */
  readonly called: (isAnswered: boolean) => void;
}

/** Asks for units, computes them, reports them: steps 303 to 305, until disposed. */
export interface WorkLoop extends AsyncDisposable {
  /** Takes effect at once. Leaving `computing` for `paused` reports finished prefixes and returns the rest. */
  setMode(mode: WorkMode): void;
  /** Takes effect at once: what is under way within other limits ends with its finished prefix. */
  setLimits(limits: WorkLimits): void;
  view(): WorkView;
}

/** Stopping waits so long for the last report: the server gives the run to another terminal anyway. */
const farewellMsMax = 3000;

export function startWorkLoop(options: WorkLoopOptions): WorkLoop {
  const { host, dispatch, dispatchUrl, contractorKey, changed, called } = options;
  const { clock } = host;
  const schedule = createCallSchedule();
  const counts = createWorkCounts();
  const sandboxes = createWarmSandboxes(host.openSandbox, clock);
  const jobs = createKnownJobs(sandboxes, clock);
  const runs = createHeldRuns({
    clock,
    cores: () => limits.cores,
    mayCompute: () => mode === 'computing' || mode === 'finishing',
    compute: (run) => computeRun(context, run),
    onEnded,
  });
  const context: ComputeContext = {
    host,
    dispatch,
    dispatchUrl,
    contractorKey,
    sandboxes,
    prepared: jobs.prepared,
    get cores() {
      return limits.cores;
    },
    onUnit(_run, durationMs) {
      counts.noteUnit(durationMs);
      runs.beginNext();
      changed();
    },
    onNoSandbox(error) {
      host.log.error({ err: error }, 'The sandbox could not be started.');
      why = reason('sandbox-missing');
      schedule.noteRefusal('machine', clock.monotonicMs());
    },
  };
  /** Runs that ended and of which the server does not know yet. */
  const unsaid: ComputedRun[] = [];
  const stop = new AbortController();
  let limits = options.limits;
  let mode: WorkMode = 'off';
  let why: ReasonText | undefined;
  let isStopping = false;
  /** Until the server has heard of this agent: what the one before it held is lost. */
  let begins = true;
  let saying: Promise<void> | undefined;
  let wake = new AbortController();
  /** Aborts the call that is under way, where its reply is of no use any more. */
  let call = new AbortController();

  async function talk(): Promise<void> {
    while (!stop.signal.aborted) {
      const nowMs = clock.monotonicMs();
      const isWanting = hasRoom() && schedule.mayAsk(nowMs);
      if (mode !== 'off' && (unsaid.length > 0 || schedule.isDue(nowMs, isWanting))) {
        saying = say(isWanting);
        await saying;
        saying = undefined;
      }
      if (mode === 'finishing' && runs.all.length === 0 && unsaid.length === 0) options.drained();
      await rest();
    }
  }

  function hasRoom(): boolean {
    return mode === 'computing' && !isStopping && !runs.isFull;
  }

  async function rest(): Promise<void> {
    wake = new AbortController();
    if (mode !== 'off' && unsaid.length > 0) return;
    const waitMs = mode === 'off' ? 2 ** 30 : Math.max(0, schedule.nextAtMs(hasRoom()) - clock.monotonicMs());
    await clock.sleep(waitMs, AbortSignal.any([wake.signal, stop.signal])).catch(() => {});
  }

  function wakeUp(): void {
    wake.abort();
    changed();
  }

  async function say(isWanting: boolean): Promise<void> {
    const batch = takeBatch(unsaid);
    call = new AbortController();
    const failed = (error: RemoteError) => {
      why = reason('server-unreachable', error.message);
      called(false);
      changed();
    };
    try {
      const signal = AbortSignal.any([call.signal, stop.signal]);
      const reply = await callCycle(host, dispatch, makeRequest(batch, isWanting), { failed, signal });
      called(true);
      begins = false;
      takeReply(reply, isWanting);
      await logVerdicts({ host, counts }, batch, reply);
    } catch (error) {
      if (call.signal.aborted || stop.signal.aborted) return;
      takeRefusal(error);
    }
    changed();
  }

  function makeRequest(batch: readonly ComputedRun[], isWanting: boolean): CycleRequestText {
    const { level } = sandboxes;
    const { cores: parallel, memoryMiB } = limits;
    return {
      cycleId: uuidv7(clock.now(), host.random),
      ...(begins ? { begins } : {}),
      reports: batch.map(({ report }) => report),
      ...(isWanting ? { want: { unitsMax: wireLimits.runUnitsMax, parallel, memoryMiB } } : {}),
      knownJobs: jobs.names(runs.all.map(({ brief }) => brief.jobId)),
      state: isStopping || mode === 'finishing' ? 'draining' : mode === 'computing' ? 'computing' : 'paused',
      agentVersion: host.agentVersion,
      ...(level === undefined ? {} : { isolationLevel: level }),
    };
  }

  function takeReply(reply: CycleReplyText, isWanting: boolean): void {
    const { assignments, endedJobs } = reply;
    const nowMs = clock.monotonicMs();
    schedule.noteReply(reply, isWanting, nowMs);
    if (isWanting) why = assignments.length === 0 ? (reply.reason ?? reason('no-work')) : undefined;
    else if (why?.code === 'server-unreachable') why = undefined;
    jobs.learn(reply.jobs);
    const ended = new Set<string>(endedJobs);
    runs.drop(({ brief }) => ended.has(brief.jobId));
    jobs.forget(ended);
    for (const assignment of assignments) {
      const brief = briefOfRun(assignment, jobs.brief(assignment.jobId));
      // Asked for while it was wanted, but the member paused meanwhile: it goes back at once.
      if (brief === undefined || mode === 'paused' || mode === 'off' || isStopping) {
        unsaid.push(returnUncomputed(assignment, brief, 'paused'));
      } else runs.take(holdRun(assignment, brief, nowMs));
    }
    runs.beginNext();
  }

  /** The server refuses this terminal, or this request: what was said is dropped, since saying it again changes nothing. */
  function takeRefusal(error: unknown): void {
    called(false);
    host.log.error({ err: error }, 'The dispatch server refused the call.');
    why = reasonOf(error);
    schedule.noteRefusal('server', clock.monotonicMs());
  }

  function onEnded(done: ComputedRun): void {
    unsaid.push(done);
    const hasFailed = isFailure(done.ended);
    if (hasFailed) jobs.forgetBrief(done.ended.assignment.jobId);
    schedule.noteRun(hasFailed, clock.monotonicMs());
    wakeUp();
  }

  /** Nothing of the units stays: the member withdrew the consent. */
  function dropAll(): void {
    call.abort();
    runs.drop(() => true);
    unsaid.length = 0;
    jobs.forgetAll();
  }

  async function sayFarewell(): Promise<void> {
    await runs.ended();
    while (mode !== 'off' && (unsaid.length > 0 || saying !== undefined)) {
      wakeUp();
      await (saying ?? clock.sleep(5, stop.signal));
    }
  }

  const talking = talk();
  return {
    setMode(next) {
      if (next === mode) return;
      mode = next;
      if (next === 'off') dropAll();
      else if (next === 'paused') unsaid.push(...runs.giveBack('paused'));
      if (next === 'computing') schedule.askAtOnce();
      schedule.callAtOnce();
      runs.beginNext();
      wakeUp();
    },
    setLimits(next) {
      limits = next;
      unsaid.push(...runs.giveBack('paused'));
      sandboxes.forget(() => true);
      schedule.callAtOnce();
      wakeUp();
    },
    view: () => ({
      reason: why,
      runs: viewRuns(runs.all),
      isolationLevel: sandboxes.level,
      counts: counts.units,
      busyMs: counts.busyMs,
    }),
    async [Symbol.asyncDispose]() {
      isStopping = true;
      unsaid.push(...runs.giveBack('stopped'));
      const patience = clock.sleep(farewellMsMax, stop.signal);
      await Promise.race([sayFarewell(), patience]).catch(() => {});
      stop.abort();
      await patience.catch(() => {});
      await talking;
      await sandboxes[Symbol.asyncDispose]();
    },
  };
}

function reasonOf(error: unknown): ReasonText {
  if (error instanceof RemoteError) return reasonOfRefusal(error);
  if (error instanceof WrongRoleError) {
    return { code: error.code, sentence: error.message, remedy: error.remedy };
  }
  return reason('server-unreachable', String(error));
}
