import { RemoteError } from '@taika/http/call';
import type {
  AssignmentText,
  CycleReplyText,
  CycleRequestText,
  ReportText,
} from '@taika/protocol/dispatch/cycle';
import { limits } from '@taika/protocol/limits';
import { type ReasonCode, reason } from '@taika/protocol/reasons';
import type { ReasonText } from '@taika/protocol/schema';
import { uuidv7 } from '@taika/runtime/identifiers';
import { appendRun } from '../unit-log.ts';
import { callCycle } from './call-cycle.ts';
import { type ComputeContext, computeRun } from './compute-run.ts';
import { type EndedRun, type HeldRun, holdRun, sandboxKey, unitCountOf, unitsLeft } from './held-run.ts';
import { reportSize, returnWhole } from './report.ts';
import { createWarmSandboxes } from './warm-sandboxes.ts';

/** What the member wants of the loop. In `off` nothing is said to the server either: there is no consent. */
export type WorkMode = 'computing' | 'paused' | 'finishing' | 'off';

export interface WorkLoopOptions
  extends Omit<ComputeContext, 'sandboxes' | 'prepared' | 'onUnit' | 'onNoSandbox'> {
  readonly memoryMiB: number;
  /** Called after each change of `view`. */
  readonly changed: () => void;
  /** Called when there is nothing held and nothing to say, while finishing. */
  readonly drained: () => void;
}

/** What the loop shows of itself. */
export interface WorkView {
  readonly reason: ReasonText | undefined;
  readonly runs: readonly {
    readonly jobId: string;
    readonly description: string;
    readonly units: number;
    readonly unitsEnded: number;
  }[];
  readonly isolationLevel: number | undefined;
  /** Since the start of this process. */
  readonly counts: {
    readonly computed: number;
    readonly accepted: number;
    readonly returned: number;
    readonly late: number;
  };
  readonly busyMs: number;
}

/** Asks for units, computes them, reports them: steps 303 to 305, until disposed. */
export interface WorkLoop extends AsyncDisposable {
  /** Takes effect at once. Leaving `computing` for `paused` reports finished prefixes and returns the rest. */
  setMode(mode: WorkMode): void;
  view(): WorkView;
}

/** One run is computed while the next one waits, so that no core is idle while the server is asked. */
const runsHeldMax = 2;
/** Reports of one request, in characters: with them the body stays below the server's limit. */
const requestCharactersMax = limits.jsonBodyBytesMax * 0.75;
/** After a refusal that only the member, the contractor or time mends. */
const refusedWaitMs = 30_000;
/** After a run that could not even be begun: first wait, doubled with each further one. */
const failureWaitMs = 1000;
/** Stopping waits so long for the last report: the server gives the run to another terminal anyway. */
const farewellMsMax = 3000;

export function startWorkLoop(options: WorkLoopOptions): WorkLoop {
  const { host, dispatch, changed } = options;
  const { clock } = host;
  const sandboxes = createWarmSandboxes(host.openSandbox);
  const prepared: ComputeContext['prepared'] = new Map();
  const held: HeldRun[] = [];
  const computing = new Set<Promise<void>>();
  const unsaid: { readonly report: ReportText; readonly ended: EndedRun }[] = [];
  const briefs = new Map<string, HeldRun['brief']>();
  const counts = { computed: 0, accepted: 0, returned: 0, late: 0 };
  let mode: WorkMode = 'off';
  let why: ReasonText | undefined;
  let busyMs = 0;
  /** When units are asked for next, if nothing is said before. */
  let wantAtMs = 0;
  /** Nothing is asked for before: something is wrong here or there. */
  let barredUntilMs = 0;
  /** When the server is called next, if only to say that this terminal is here. */
  let callAtMs = 0;
  let isStopping = false;
  let failuresInRow = 0;
  let saying: Promise<void> | undefined;
  let wake = new AbortController();
  const stop = new AbortController();
  /** Aborts the call that is under way, where its reply is of no use any more. */
  let call = new AbortController();
  const context: ComputeContext = {
    ...options,
    sandboxes,
    prepared,
    onUnit(_held, durationMs) {
      counts.computed++;
      busyMs += durationMs;
      beginRuns();
      changed();
    },
    onNoSandbox(error) {
      host.log.error({ err: error }, 'The sandbox could not be started.');
      why = reason('sandbox-missing');
      barredUntilMs = clock.monotonicMs() + refusedWaitMs;
    },
  };

  /** Begins the next run as soon as a core has nothing left to do of those that are under way. */
  function beginRuns(): void {
    if (mode !== 'computing' && mode !== 'finishing') return;
    for (const run of held) {
      const left = held.filter(({ isBegun }) => isBegun).reduce((sum, each) => sum + unitsLeft(each), 0);
      if (left >= options.cores) return;
      if (run.isBegun) continue;
      run.isBegun = true;
      const done = begin(run).finally(() => computing.delete(done));
      computing.add(done);
    }
  }

  async function begin(run: HeldRun): Promise<void> {
    if (clock.monotonicMs() > run.deadlineAtMs) run.stop.abort('stopped');
    const done = await computeRun(context, run);
    if (!held.includes(run)) return;
    held.splice(held.indexOf(run), 1);
    unsaid.push(done);
    failuresInRow = isFailure(done.ended) ? failuresInRow + 1 : 0;
    if (failuresInRow > 0) {
      // Addresses in a brief are good for a while only: the server is asked to describe the job anew.
      briefs.delete(run.brief.jobId);
      barredUntilMs = clock.monotonicMs() + Math.min(refusedWaitMs, failureWaitMs * 2 ** failuresInRow);
    }
    beginRuns();
    wakeUp();
  }

  /** Everything that is held goes back; what is finished without a gap is reported. */
  function giveBack(cause: 'paused' | 'stopped'): void {
    for (const run of [...held]) {
      run.stop.abort(cause);
      if (run.isBegun) continue;
      held.splice(held.indexOf(run), 1);
      giveBackUnseen(run.assignment, run.brief, cause);
    }
  }

  function giveBackUnseen(
    assignment: AssignmentText,
    brief: HeldRun['brief'] | undefined,
    cause = 'paused',
  ): void {
    const returned = { units: unitCountOf(assignment), cause };
    unsaid.push({
      report: returnWhole(assignment.assignmentId, cause),
      ended: { assignment, brief, units: [], returned },
    });
  }

  /** Nothing of the units stays: the member withdrew the consent. */
  function dropAll(): void {
    call.abort();
    for (const run of held) run.stop.abort('stopped');
    held.length = 0;
    unsaid.length = 0;
    briefs.clear();
    prepared.clear();
    sandboxes.forget(() => true);
  }

  function wakeUp(): void {
    wake.abort();
    changed();
  }

  async function talk(): Promise<void> {
    while (!stop.signal.aborted) {
      const nowMs = clock.monotonicMs();
      const isWanting =
        mode === 'computing' && !isStopping && held.length < runsHeldMax && nowMs >= barredUntilMs;
      const isDue = unsaid.length > 0 || (isWanting && nowMs >= wantAtMs) || nowMs >= callAtMs;
      if (isDue && mode !== 'off') {
        saying = say(isWanting);
        await saying;
        saying = undefined;
      }
      if (mode === 'finishing' && held.length === 0 && unsaid.length === 0) options.drained();
      await rest();
    }
  }

  async function rest(): Promise<void> {
    wake = new AbortController();
    const isFull = held.length >= runsHeldMax;
    if (mode !== 'off' && unsaid.length > 0) return;
    const askAtMs = mode === 'computing' && !isFull ? Math.max(wantAtMs, barredUntilMs) : callAtMs;
    const nextMs = Math.min(askAtMs, callAtMs);
    const waitMs = mode === 'off' ? 2 ** 30 : Math.max(0, nextMs - clock.monotonicMs());
    await clock.sleep(waitMs, AbortSignal.any([wake.signal, stop.signal])).catch(() => {});
  }

  async function say(isWanting: boolean): Promise<void> {
    const batch = takeBatch();
    call = new AbortController();
    const failed = (error: RemoteError) => {
      why = reason('server-unreachable', error.message);
      changed();
    };
    try {
      const signal = AbortSignal.any([call.signal, stop.signal]);
      const reply = await callCycle(host, dispatch, makeRequest(batch, isWanting), { failed, signal });
      await settle(batch, reply, isWanting);
    } catch (error) {
      if (call.signal.aborted || stop.signal.aborted) return;
      refused(error);
    }
    changed();
  }

  /** As many finished runs as one request carries. */
  function takeBatch() {
    let count = 0;
    let characters = 0;
    for (const { report } of unsaid) {
      characters += reportSize(report);
      if (count > 0 && (characters > requestCharactersMax || count >= limits.reportsMax)) break;
      count++;
    }
    return unsaid.splice(0, count);
  }

  function makeRequest(batch: readonly { report: ReportText }[], isWanting: boolean): CycleRequestText {
    const { level } = sandboxes;
    const want = { unitsMax: limits.runUnitsMax, parallel: options.cores, memoryMiB: options.memoryMiB };
    return {
      cycleId: uuidv7(clock.now(), host.random),
      reports: batch.map(({ report }) => report),
      ...(isWanting ? { want } : {}),
      knownJobs: [...briefs.keys()].slice(-64),
      state: isStopping || mode === 'finishing' ? 'draining' : mode === 'computing' ? 'computing' : 'paused',
      agentVersion: host.agentVersion,
      ...(level === undefined ? {} : { isolationLevel: level }),
    };
  }

  async function settle(
    batch: readonly { ended: EndedRun }[],
    reply: CycleReplyText,
    isWanting: boolean,
  ): Promise<void> {
    const nowMs = clock.monotonicMs();
    callAtMs = nowMs + reply.comeBackMs;
    if (isWanting) {
      const isEmpty = reply.assignments.length === 0;
      wantAtMs = isEmpty ? callAtMs : 0;
      why = isEmpty ? (reply.reason ?? reason('no-work')) : undefined;
    } else if (why?.code === 'server-unreachable') why = undefined;
    for (const brief of reply.jobs) briefs.set(brief.jobId, brief);
    forgetJobs(new Set(reply.endedJobs));
    takeAssignments(reply, nowMs);
    await logVerdicts(batch, reply);
  }

  function takeAssignments({ assignments }: CycleReplyText, nowMs: number): void {
    for (const assignment of assignments) {
      const brief = briefs.get(assignment.jobId);
      // Asked for while it was wanted, but the member paused meanwhile: it goes back at once.
      if (brief === undefined || mode === 'paused' || mode === 'off' || isStopping) {
        giveBackUnseen(assignment, brief);
      } else held.push(holdRun(assignment, brief, nowMs));
    }
    beginRuns();
  }

  function forgetJobs(ended: ReadonlySet<string>): void {
    if (ended.size === 0) return;
    for (const run of [...held].filter(({ brief }) => ended.has(brief.jobId))) {
      held.splice(held.indexOf(run), 1);
      run.stop.abort('stopped');
    }
    for (const jobId of ended) {
      const brief = briefs.get(jobId);
      if (brief !== undefined) prepared.delete(sandboxKey(brief));
      briefs.delete(jobId);
    }
    sandboxes.forget((key) => ended.has(key.split(' ')[0] ?? ''));
  }

  async function logVerdicts(batch: readonly { ended: EndedRun }[], reply: CycleReplyText): Promise<void> {
    const said = new Map(reply.acknowledgements.map((each) => [each.assignmentId, each]));
    for (const { ended } of batch) {
      const { assignment, brief, units, returned } = ended;
      const { verdict = 'refused', detail } = said.get(assignment.assignmentId) ?? {};
      if (verdict === 'accepted' || verdict === 'already') counts.accepted += units.length;
      if (verdict === 'late') counts.late += units.length;
      counts.returned += returned?.units ?? 0;
      if (verdict === 'refused')
        host.log.warn({ assignmentId: assignment.assignmentId, detail }, 'A report was refused.');
      await appendRun(host.store, {
        at: clock.now().toISOString(),
        jobId: assignment.jobId,
        description: brief?.description ?? '',
        programHash: brief?.programHash ?? '',
        assignmentId: assignment.assignmentId,
        firstUnit: assignment.firstUnit,
        units,
        verdict,
        ...(returned === undefined ? {} : { returned }),
        ...(detail === undefined ? {} : { detail }),
      });
    }
  }

  /** The server refuses this terminal, or this request: what was said is dropped, since saying it again changes nothing. */
  function refused(error: unknown): void {
    host.log.error({ err: error }, 'The dispatch server refused the call.');
    why =
      error instanceof RemoteError
        ? { code: error.code, sentence: error.message, remedy: error.remedy }
        : reason('server-unreachable' satisfies ReasonCode, String(error));
    barredUntilMs = clock.monotonicMs() + refusedWaitMs;
    callAtMs = barredUntilMs;
  }

  const talking = talk();
  return {
    setMode(next) {
      if (next === mode) return;
      mode = next;
      if (next === 'off') dropAll();
      else if (next === 'paused') giveBack('paused');
      if (next === 'computing') wantAtMs = barredUntilMs = 0;
      callAtMs = 0;
      beginRuns();
      wakeUp();
    },
    view: () => ({
      reason: why,
      runs: held.map(({ brief, assignment, unitsEnded }) => ({
        jobId: brief.jobId,
        description: brief.description,
        units: unitCountOf(assignment),
        unitsEnded,
      })),
      isolationLevel: sandboxes.level,
      counts: { ...counts },
      busyMs,
    }),
    async [Symbol.asyncDispose]() {
      isStopping = true;
      giveBack('stopped');
      const sayAll = async () => {
        await Promise.all(computing);
        while (mode !== 'off' && (unsaid.length > 0 || saying !== undefined)) {
          wakeUp();
          await (saying ?? clock.sleep(5, stop.signal));
        }
      };
      const patience = clock.sleep(farewellMsMax, stop.signal);
      await Promise.race([sayAll(), patience]).catch(() => {});
      stop.abort();
      await patience.catch(() => {});
      await talking;
      await sandboxes[Symbol.asyncDispose]();
    },
  };
}

/** Nothing of it could be computed, and nobody asked for that. */
function isFailure({ units, returned }: EndedRun): boolean {
  return units.length === 0 && returned !== undefined && !['paused', 'stopped'].includes(returned.cause);
}
