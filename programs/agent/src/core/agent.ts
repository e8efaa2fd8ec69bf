import type { LinkRefusal } from '@taika/protocol/local-link';
import { reason } from '@taika/protocol/reasons';
import type { LicenseDesk } from '../link/license-desk.ts';
import { AgentError } from './agent-error.ts';
import { type AgentEvent, type AgentState, stepAgent } from './agent-state.ts';
import { tellConsents, withdrawConsents } from './consent.ts';
import { contractorKeyOf } from './contractor-key.ts';
import { createDispatchCalls } from './dispatch-calls.ts';
import { createEnergyMeter, type EnergyTotals } from './energy.ts';
import { createGrantKeeper } from './grants.ts';
import type { Host } from './host.ts';
import { decideLicense } from './license-desk.ts';
import { createPointsView } from './points.ts';
import {
  consentedOf,
  type PauseRecord,
  type RegistrationRecord,
  readRegistrations,
  recordNames,
} from './records.ts';
import type { AgentStatus } from './status.ts';
import { reasonOf, registrationStatus } from './view-status.ts';
import { startWorkLoop, type WorkMode } from './work/work-loop.ts';

export interface AgentOptions {
  readonly cores: number;
  readonly memoryMiB: number;
}

/** The running agent: it computes while it may, keeps grants fresh and answers for licenses. */
export interface Agent extends AsyncDisposable {
  readonly desk: LicenseDesk;
  /** Cores it may use: what was asked for, at most what the member agreed to. */
  readonly cores: number;
  status(): Promise<Omit<AgentStatus, 'applications' | 'sockets' | 'home'>>;
  pause(untilMs?: number): Promise<void>;
  resume(): Promise<void>;
  finish(next: 'paused' | 'stopped'): Promise<void>;
  /** Stops computing and revokes leases at once; the process ends when `stopped` resolves. */
  stop(): void;
  withdraw(): Promise<void>;
  /** Looks at the records again: a command registered or consented meanwhile. */
  reload(): Promise<void>;
  /** Resolves when the member asked the program to end. */
  readonly stopped: Promise<void>;
}

/** When the member switches computing off, a paid action that is under way may end within this. */
const drainMs = 60_000;
/** Between attempts to bring the dispatch server up to date. */
const tellAgainMs = { least: 1000, most: 60_000 };
/** The totals of the day are kept this often. */
const keepTotalsMs = 60_000;

/** Starts the agent. Throws an AgentError when there is nothing it may do: no registration, or no consent. */
export async function startAgent(host: Host, options: AgentOptions): Promise<Agent> {
  const { clock, store, log } = host;
  let registrations = await readRegistrations(store);
  const [first] = registrations;
  if (first === undefined) {
    throw new AgentError(
      'unregistered',
      'This agent is not registered anywhere.',
      'Register first: `taika agent register`.',
    );
  }
  const limits = grantedLimits(registrations, options);
  if (limits === undefined) {
    const { sentence, remedy } = reason('no-consent');
    throw new AgentError('no-consent', sentence, remedy);
  }
  const stopping = new AbortController();
  const { promise: stopped, resolve: markStopped } = Promise.withResolvers<void>();
  const { promise: told, resolve: markTold } = Promise.withResolvers<void>();
  const listeners = new Set<() => void>();
  const changed = () => {
    for (const listener of [...listeners]) listener();
  };
  const dispatch = createDispatchCalls(host, first.dispatchUrl);
  const points = createPointsView(dispatch, clock);
  const grants = await createGrantKeeper(host, changed);
  const meter = createEnergyMeter(await store.read<EnergyTotals>(recordNames.totals));
  const work = startWorkLoop({
    host,
    dispatch,
    dispatchUrl: first.dispatchUrl,
    contractorKey: contractorKeyOf(host, first.dispatchUrl),
    ...limits,
    changed: () => meter.note(work.view().busyMs, clock.now(), clock.monotonicMs()),
    drained: () => apply({ kind: 'drained' }),
  });
  let state: AgentState = { kind: 'consented' };
  let draining: { readonly endsAtMs: number; readonly reason: LinkRefusal } | undefined;
  let tell = new AbortController();
  let timer = new AbortController();
  let refreshing = new AbortController();

  function apply(event: AgentEvent): void {
    const next = stepAgent(state, event);
    if (next === undefined) {
      throw new AgentError(
        'not-now',
        `The agent is ${state.kind}: this cannot be done now.`,
        'See `taika agent status`.',
      );
    }
    const wasServing = state.kind === 'running' || state.kind === 'finishing';
    state = next;
    const isOff = state.kind === 'paused' && state.untilMs === undefined;
    draining =
      isOff && wasServing
        ? { endsAtMs: clock.monotonicMs() + drainMs, reason: 'not_computing' }
        : isOff
          ? draining
          : undefined;
    work.setMode(modeOf(state));
    wakeAtEnd();
    if (state.kind === 'stopped') markStopped();
    changed();
  }

  /** A pause and a draining end by themselves. */
  function wakeAtEnd(): void {
    timer.abort();
    timer = new AbortController();
    const { signal } = timer;
    const untilMs = state.kind === 'paused' ? state.untilMs : undefined;
    const waits = [
      ...(untilMs === undefined
        ? []
        : [{ ms: untilMs - clock.now().getTime(), end: () => void agent.resume() }]),
      ...(draining === undefined ? [] : [{ ms: draining.endsAtMs - clock.monotonicMs(), end: endDraining }]),
    ];
    for (const { ms, end } of waits) clock.sleep(Math.max(0, ms), signal).then(end, () => {});
  }

  function endDraining(): void {
    draining = undefined;
    changed();
  }

  async function rememberPause(pause: PauseRecord | undefined): Promise<void> {
    await store.update<PauseRecord>(recordNames.pause, () => pause);
  }

  /** Keeps telling the dispatch server what the member chose, until it knows. */
  async function tellLoop(): Promise<void> {
    for (let failures = 0; !stopping.signal.aborted; ) {
      tell = new AbortController();
      try {
        await tellConsents(host, dispatch, stopping.signal);
        registrations = await readRegistrations(store);
        failures = 0;
        markTold();
        // The vendor asks the dispatch server about us: now it gets another answer.
        refreshing.abort();
        await sleep(2 ** 30, tell.signal);
      } catch (error) {
        markTold();
        if (stopping.signal.aborted) return;
        log.warn({ err: error }, 'The dispatch server could not be told of the consents.');
        await sleep(Math.min(tellAgainMs.most, tellAgainMs.least * 2 ** failures++), tell.signal);
      }
    }
  }

  async function grantLoop(): Promise<void> {
    // A vendor that asks about a terminal whose consent nobody knows yet would refuse it.
    await told;
    while (!stopping.signal.aborted) {
      refreshing = new AbortController();
      const waits = await Promise.all(
        consentedOf(registrations).map((each) => grants.refresh(each, stopping.signal).catch(() => 0)),
      );
      await sleep(Math.min(2 ** 30, ...waits.filter((ms) => ms > 0)), refreshing.signal);
    }
  }

  async function totalsLoop(): Promise<void> {
    while (!stopping.signal.aborted) {
      await sleep(keepTotalsMs);
      await store.update<EnergyTotals>(recordNames.totals, () => meter.totals);
    }
  }

  async function sleep(ms: number, signal?: AbortSignal): Promise<void> {
    const both = signal === undefined ? stopping.signal : AbortSignal.any([signal, stopping.signal]);
    await clock.sleep(ms, both).catch(() => {});
  }

  const agent: Agent = {
    stopped,
    cores: limits.cores,
    desk: {
      terminal: host.terminal,
      consult: (app) =>
        decideLicense(app, {
          state,
          registrations,
          standing: (registration) => grants.standing(registration),
          draining:
            draining === undefined
              ? undefined
              : {
                  inMs: Math.max(0, Math.round(draining.endsAtMs - clock.monotonicMs())),
                  reason: draining.reason,
                },
        }),
      onChange(listener) {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    },
    async pause(untilMs) {
      apply(untilMs === undefined ? { kind: 'pause' } : { kind: 'pause', untilMs });
      await rememberPause(untilMs === undefined ? {} : { untilMs });
    },
    async resume() {
      apply({ kind: 'resume' });
      refreshing.abort();
      await rememberPause(undefined);
    },
    async finish(next) {
      apply({ kind: 'finish', next });
      if (next === 'paused') await rememberPause({});
    },
    stop: () => apply({ kind: 'stop' }),
    async withdraw() {
      // First here: computing ends at once, whatever the disk or the network does.
      apply({ kind: 'withdraw' });
      await withdrawConsents(host);
      registrations = await readRegistrations(store);
      changed();
      tell.abort();
    },
    async reload() {
      registrations = await readRegistrations(store);
      if (state.kind === 'registered' && consentedOf(registrations).length > 0) {
        apply({ kind: 'consent' });
        apply({ kind: 'start' });
      }
      tell.abort();
      refreshing.abort();
      changed();
    },
    async status() {
      await points.refresh();
      const view = work.view();
      return {
        version: host.agentVersion,
        state: state.kind,
        reason: reasonOf(state, view.reason),
        ...(state.kind === 'paused' && state.untilMs !== undefined
          ? { pausedUntil: new Date(state.untilMs).toISOString() }
          : {}),
        ...limits,
        ...(view.isolationLevel === undefined ? {} : { isolationLevel: view.isolationLevel }),
        runs: view.runs,
        units: view.counts,
        busyCores: rounded(meter.busyCores(clock.monotonicMs()), 2),
        kWhToday: rounded(meter.kWhToday(clock.now()), 4),
        ...(points.latest === undefined ? {} : { points: points.latest }),
        registrations: registrations.map((each) =>
          registrationStatus(each, grants.standing(each), grants.time.now()),
        ),
      };
    },
    async [Symbol.asyncDispose]() {
      if (state.kind !== 'stopped' && stepAgent(state, { kind: 'stop' }) !== undefined)
        state = { kind: 'stopped' };
      changed();
      await work[Symbol.asyncDispose]();
      stopping.abort();
      timer.abort();
      await Promise.all(loops);
      await store.update<EnergyTotals>(recordNames.totals, () => meter.totals);
      markStopped();
    },
  };
  apply({ kind: 'start' });
  await resumeWish(store, clock.now(), apply);
  const loops = [tellLoop(), grantLoop(), totalsLoop()];
  return agent;
}

/** The narrowest limits that the member agreed to, at most what this start asks for; undefined without a consent. */
function grantedLimits(registrations: readonly RegistrationRecord[], { cores, memoryMiB }: AgentOptions) {
  const consents = consentedOf(registrations).flatMap(({ consent }) => consent ?? []);
  if (consents.length === 0) return undefined;
  return {
    cores: Math.min(cores, ...consents.map(({ limits }) => limits.cores)),
    memoryMiB: Math.min(memoryMiB, ...consents.map(({ limits }) => limits.memoryMiB)),
  };
}

/** The member's last wish outlives a restart; a pause that is over does not. */
async function resumeWish(
  store: Host['store'],
  now: Date,
  apply: (event: AgentEvent) => void,
): Promise<void> {
  const pause = await store.read<PauseRecord>(recordNames.pause);
  if (pause === undefined) return;
  if (pause.untilMs === undefined) apply({ kind: 'pause' });
  else if (pause.untilMs > now.getTime()) apply({ kind: 'pause', untilMs: pause.untilMs });
}

function modeOf(state: AgentState): WorkMode {
  switch (state.kind) {
    case 'running':
      return 'computing';
    case 'finishing':
      return 'finishing';
    case 'paused':
    case 'stopped':
      return 'paused';
    default:
      return 'off';
  }
}

function rounded(value: number, digits: number): number {
  return Math.round(value * 10 ** digits) / 10 ** digits;
}
