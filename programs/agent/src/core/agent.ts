import { reason } from '@taika/protocol/reasons';
import type { LicenseDesk } from '../link/license-desk.ts';
import { createAgentCourse } from './agent-course.ts';
import { AgentError } from './agent-error.ts';
import { withdrawConsents } from './consent.ts';
import { contractorKeyOf } from './contractor-key.ts';
import { type CoreStatus, describeAgent } from './describe-agent.ts';
import { createDispatchCalls } from './dispatch-calls.ts';
import { createEnergyMeter, type EnergyTotals } from './energy.ts';
import { runGrantLoop } from './grant-loop.ts';
import { grantedLimits } from './granted-limits.ts';
import { createGrantKeeper } from './grants.ts';
import type { Host } from './host.ts';
import { createIntroduction } from './introduction.ts';
import { decideLicense } from './license-desk.ts';
import { createPace } from './pace.ts';
import { rememberedPause, rememberPause } from './pause-wish.ts';
import { createPointsView } from './points.ts';
import { consentedOf, type RegistrationRecord, readRegistrations, recordNames } from './records.ts';
import { runTellLoop } from './tell-loop.ts';
import { startWorkLoop, type WorkLimits } from './work/work-loop.ts';
import { workModeOf } from './work/work-mode.ts';

/** What this start asks for; the member's consent may allow less. */
export type AgentOptions = WorkLimits;

/** The running agent: it computes while it may, keeps grants fresh and answers for licenses. */
export interface Agent extends AsyncDisposable {
  readonly desk: LicenseDesk;
  /** Cores it may use now: what was asked for, at most what the member agreed to. */
  readonly cores: number;
  status(): Promise<CoreStatus>;
  pause(untilMs?: number): Promise<void>;
  resume(): Promise<void>;
  finish(next: 'paused' | 'stopped'): Promise<void>;
  /** Stops computing and revokes leases at once; the process ends when `stopped` resolves. */
  stop(): void;
  withdraw(): Promise<void>;
  /** Looks at the records again: a command registered or consented meanwhile. Gives what it may use from now on. */
  reload(): Promise<WorkLimits>;
  /** Resolves when the member asked the program to end. */
  readonly stopped: Promise<void>;
}

/** The totals of the day are kept this often. */
const keepTotalsMs = 60_000;

/** Starts the agent. Throws an AgentError when there is nothing it may do: no registration, or no consent. */
export async function startAgent(host: Host, options: AgentOptions): Promise<Agent> {
  const { clock, store } = host;
  let registrations = await readRegistrations(store);
  const { dispatchUrl } = firstOf(registrations);
  let limits = limitsOf(registrations, options);
  const stopping = new AbortController();
  const { promise: stopped, resolve: markStopped } = Promise.withResolvers<void>();
  const listeners = new Set<() => void>();
  const dispatch = createDispatchCalls(host, dispatchUrl);
  const points = createPointsView(dispatch, clock);
  const grants = await createGrantKeeper(host, changed);
  const meter = createEnergyMeter(await store.read<EnergyTotals>(recordNames.totals));
  const introduction = createIntroduction(clock);
  const telling = createPace(clock, stopping.signal);
  const asking = createPace(clock, stopping.signal);
  const keeping = createPace(clock, stopping.signal);
  const work = startWorkLoop({
    host,
    dispatch,
    dispatchUrl,
    contractorKey: contractorKeyOf(host, dispatchUrl),
    limits,
    changed: () => meter.note(work.view().busyMs, clock.now(), clock.monotonicMs()),
    drained: () => course.apply({ kind: 'drained' }),
    called,
  });
  const course = createAgentCourse({
    clock,
    changed() {
      setMode();
      if (course.state.kind === 'stopped') markStopped();
      changed();
    },
    pauseOver: () => void agent.resume(),
  });
  /** Nothing is computed before the dispatch server was told of the consent, or could not be: it would refuse. */
  let isTold = false;

  function changed(): void {
    for (const listener of [...listeners]) listener();
  }

  function setMode(): void {
    work.setMode(isTold ? workModeOf(course.state) : 'off');
  }

  /** The dispatch server knows what the member chose, or could not be told. */
  async function told(isKnown: boolean): Promise<void> {
    registrations = await readRegistrations(store);
    isTold = true;
    setMode();
    // The vendor asks the dispatch server about us: now it gets another answer.
    if (isKnown) asking.hurry();
  }

  let wasAnswered = false;

  /** The vendor asks the dispatch server about us: it gets another answer once we are heard, and once we are let in again. */
  function called(isAnswered: boolean): void {
    introduction.end();
    const isLetIn = isAnswered && !wasAnswered;
    wasAnswered = isAnswered;
    if (
      isAnswered &&
      registrations.some((each) => grants.isUnseen(each) || (isLetIn && grants.isSuspended(each)))
    )
      asking.hurry();
  }

  async function keepTotals(): Promise<void> {
    await store.update<EnergyTotals>(recordNames.totals, () => meter.totals);
    await grants.rememberTime();
  }

  async function keepLoop(): Promise<void> {
    while (!stopping.signal.aborted) {
      await keeping.rest(keepTotalsMs);
      await keepTotals();
    }
  }

  const agent: Agent = {
    stopped,
    get cores() {
      return limits.cores;
    },
    desk: {
      terminal: host.terminal,
      consult: (app) =>
        decideLicense(app, {
          state: course.state,
          registrations,
          standing: (registration) => grants.standing(registration),
          draining: course.draining,
        }),
      onChange(listener) {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    },
    async pause(untilMs) {
      const pause = untilMs === undefined ? {} : { untilMs };
      course.apply({ kind: 'pause', ...pause });
      await rememberPause(store, pause);
    },
    async resume() {
      course.apply({ kind: 'resume' });
      asking.hurry();
      await rememberPause(store, undefined);
    },
    async finish(next) {
      course.apply({ kind: 'finish', next });
      if (next === 'paused') await rememberPause(store, {});
    },
    stop: () => course.apply({ kind: 'stop' }),
    async withdraw() {
      // First here: computing ends at once, whatever the disk or the network does.
      course.apply({ kind: 'withdraw' });
      await withdrawConsents(host);
      registrations = await readRegistrations(store);
      changed();
      telling.hurry();
    },
    async reload() {
      registrations = await readRegistrations(store);
      const next = grantedLimits(registrations, options) ?? limits;
      if (next.cores !== limits.cores || next.memoryMiB !== limits.memoryMiB) work.setLimits(next);
      limits = next;
      if (course.state.kind === 'registered' && consentedOf(registrations).length > 0) {
        isTold = false;
        course.apply({ kind: 'consent' });
        course.apply({ kind: 'start' });
      }
      telling.hurry();
      asking.hurry();
      changed();
      return limits;
    },
    async status() {
      await points.refresh();
      const facts = { host, state: course.state, limits, meter, registrations, grants };
      return describeAgent({ ...facts, work: work.view(), points: points.latest });
    },
    async [Symbol.asyncDispose]() {
      course.end();
      changed();
      await work[Symbol.asyncDispose]();
      stopping.abort();
      introduction.end();
      await Promise.all(loops);
      await keepTotals();
      markStopped();
    },
  };
  course.apply({ kind: 'start' });
  const pause = await rememberedPause(store, clock.now());
  if (pause !== undefined) course.apply(pause);
  const loops = [
    runTellLoop({ host, dispatch, pace: telling, stopping: stopping.signal, told }),
    runGrantLoop({
      grants,
      registrations: () => registrations,
      introduced: introduction.over,
      pace: asking,
      stopping: stopping.signal,
    }),
    keepLoop(),
  ];
  return agent;
}

function firstOf([first]: readonly RegistrationRecord[]): RegistrationRecord {
  if (first !== undefined) return first;
  throw new AgentError(
    'unregistered',
    'This agent is not registered anywhere.',
    'Register first: `taika agent register`.',
  );
}

function limitsOf(registrations: readonly RegistrationRecord[], options: AgentOptions): WorkLimits {
  const limits = grantedLimits(registrations, options);
  if (limits !== undefined) return limits;
  const { sentence, remedy } = reason('no-consent');
  throw new AgentError('no-consent', sentence, remedy);
}
