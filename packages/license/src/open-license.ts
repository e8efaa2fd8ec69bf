import { generateKeyPair, thumbprint } from '@taika/crypto/keys';
import { type Clock, systemClock } from '@taika/runtime/clock';
import { type Random, systemRandom } from '@taika/runtime/random';
import type { VendorKeys } from './check-grant.ts';
import { connectToAgent } from './connection.ts';
import { createElapsedTime } from './elapsed-time.ts';
import { DistrustError, LicenseError } from './license-error.ts';
import { type LicenseReason, licenseReason } from './license-reasons.ts';
import {
  initialLicenseState,
  type LicenseEvent,
  type LicenseState,
  nextChangeAtMs,
  stepLicense,
} from './license-state.ts';
import { holdLease, type LinkParty } from './link-session.ts';
import { createSeenFile, defaultSeenFile, type SeenStore } from './seen-file.ts';
import { agentSocketPath } from './socket-path.ts';
import { createTrustedTime } from './trusted-time.ts';

export type { VendorKeys } from './check-grant.ts';
export { LicenseError } from './license-error.ts';
export type { LicenseReason } from './license-reasons.ts';

export interface OpenLicenseOptions {
  /** The product's short name, as the vendor registered it. */
  readonly app: string;
  /** The vendor's public keys, compiled into the application. */
  readonly vendorKeys: VendorKeys;
  /** When the application was built, compiled into it: no earlier time is believed, whatever the clock and the memory say. */
  readonly builtAt?: Date;
  /** The application's version, shown by the agent. Default: `unknown`. */
  readonly build?: string;
  /** Default: TAIKA_AGENT_SOCKET, else the user's own agent; looked up anew at each connection. */
  readonly socketPath?: string;
  /** Default: a file of the user. */
  readonly seen?: SeenStore;
  readonly clock?: Clock;
  readonly random?: Random;
}

/** What the application may do now, and why. In `draining` and `grace` everything still works, with a plain notice. */
export interface LicenseStatus extends LicenseReason {
  readonly state: 'active' | 'draining' | 'grace' | 'restricted';
  /** For `draining` and `grace`: how long everything still works, in milliseconds. */
  readonly endsInMs?: number;
}

/** A license as the application sees it: it follows the agent by itself until it is disposed, which frees the seat. */
export interface License extends AsyncDisposable, AsyncIterable<LicenseStatus> {
  readonly state: LicenseStatus['state'];
  readonly status: LicenseStatus;
  /** Calls the listener after each change; gives a function that ends that. */
  on(event: 'change', listener: (status: LicenseStatus) => void): () => void;
  /** To be awaited before a paid action. Throws a LicenseError that says why not and what to do. */
  requireActive(): Promise<void>;
}

/** Longest wait for a first answer or a renewal in `requireActive`. */
const requireMsMax = 2000;
/** Between attempts to reach an agent that is not there: a look at a path, so it can be often. */
const reconnectMs = 500;
/** The latest signed instant is written when it moved by this much. */
const seenStepMs = 10 * 60_000;

/** Opens the license of an application. Returns at once; the state is `restricted` until the agent has answered. */
export function openLicense(options: OpenLicenseOptions): License {
  const { app, build = 'unknown', vendorKeys, clock = systemClock, random = systemRandom } = options;
  const seen = options.seen ?? createSeenFile(defaultSeenFile(app));
  const remembered = seen.read();
  const time = createTrustedTime(clock, remembered, options.builtAt);
  const elapsedMs = createElapsedTime(clock);
  const stop = new AbortController();
  const listeners = new Set<(status: LicenseStatus) => void>();
  const wakes = { renew: () => {} };
  let seenAtMs = remembered?.getTime() ?? Number.NEGATIVE_INFINITY;
  let state: LicenseState = initialLicenseState;
  let shown = 'restricted connecting';
  let timer = new AbortController();
  let seq = 0;

  function emit(event: LicenseEvent, atMs: number): void {
    state = stepLicense(state, event, atMs);
    if (event.kind === 'leased') remember();
    tell();
    waitForChange();
  }

  function remember(stepMs = seenStepMs): void {
    const latest = time.latest;
    if (latest === undefined || latest.getTime() - seenAtMs < stepMs) return;
    seenAtMs = latest.getTime();
    seen.write(latest);
  }

  function tell(): void {
    const status = statusOf(state, elapsedMs());
    const now = `${status.state} ${status.code}`;
    if (now === shown) return;
    shown = now;
    for (const listener of [...listeners]) listener(status);
  }

  function waitForChange(): void {
    timer.abort();
    const changeAtMs = nextChangeAtMs(state);
    if (changeAtMs === undefined || stop.signal.aborted) return;
    timer = new AbortController();
    clock.sleep(Math.max(1, changeAtMs - elapsedMs()), timer.signal).then(
      () => emit({ kind: 'time' }, elapsedMs()),
      () => {},
    );
  }

  function refresh(): LicenseStatus {
    state = stepLicense(state, { kind: 'time' }, elapsedMs());
    tell();
    return statusOf(state, elapsedMs());
  }

  async function follow(): Promise<void> {
    const key = await generateKeyPair();
    const keyThumbprint = await thumbprint(key.publicKey);
    const nextSeq = () => ++seq;
    const party: LinkParty = {
      app,
      build,
      vendorKeys,
      key,
      keyThumbprint,
      clock,
      random,
      time,
      elapsedMs,
      nextSeq,
      emit,
    };
    while (!stop.signal.aborted) {
      await meetAgent(options.socketPath ?? agentSocketPath(), party, wakes, stop.signal);
      wakes.renew = () => {};
      await clock.sleep(reconnectMs * (0.5 + random.fraction()), stop.signal).catch(() => {});
    }
  }

  const following = follow();
  const license: License = {
    get state() {
      return refresh().state;
    },
    get status() {
      return refresh();
    },
    on(_event, listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async requireActive() {
      if (refresh().state === 'restricted') {
        wakes.renew();
        await changed(license, clock, (status) => status.state !== 'restricted');
      }
      const status = refresh();
      if (status.state === 'restricted') throw new LicenseError(status);
    },
    [Symbol.asyncIterator]: () => changesOf(license, stop.signal),
    async [Symbol.asyncDispose]() {
      stop.abort();
      timer.abort();
      await following;
      remember(0);
    },
  };
  return license;
}

/** One connection, from the first attempt to its end; whatever ends it becomes an event. */
async function meetAgent(
  path: string,
  party: LinkParty,
  wakes: { renew: () => void },
  signal: AbortSignal,
): Promise<void> {
  const tell = (event: LicenseEvent) => {
    if (!signal.aborted) party.emit(event, party.elapsedMs());
  };
  try {
    const connection = await connectToAgent(path, signal);
    try {
      await holdLease(connection, party, wakes, signal);
      tell({ kind: 'lost' });
    } catch (error) {
      tell({ kind: 'lost' });
      if (error instanceof DistrustError) tell({ kind: 'unreached', cause: error.code });
    } finally {
      connection.close();
    }
  } catch (error) {
    tell({ kind: 'unreached', cause: error instanceof DistrustError ? error.code : 'no_agent' });
  }
}

function statusOf(state: LicenseState, nowMs: number): LicenseStatus {
  switch (state.kind) {
    case 'active':
      return { state: 'active', ...licenseReason('licensed') };
    case 'draining':
      return { state: 'draining', endsInMs: state.endsAtMs - nowMs, ...licenseReason(state.cause) };
    case 'grace':
      return { state: 'grace', endsInMs: state.endsAtMs - nowMs, ...licenseReason('agent_lost') };
    case 'restricted':
      return { state: 'restricted', ...licenseReason(state.cause) };
  }
}

/** Waits for a status that is wanted, but not long. */
async function changed(
  license: License,
  clock: Clock,
  isWanted: (status: LicenseStatus) => boolean,
): Promise<void> {
  const done = new AbortController();
  const end = license.on('change', (status) => {
    if (isWanted(status)) done.abort();
  });
  await clock.sleep(requireMsMax, done.signal).catch(() => {});
  end();
}

async function* changesOf(license: License, signal: AbortSignal): AsyncGenerator<LicenseStatus> {
  const waiting: LicenseStatus[] = [license.status];
  let wake = Promise.withResolvers<void>();
  const end = license.on('change', (status) => {
    waiting.push(status);
    wake.resolve();
  });
  const stop = () => wake.resolve();
  signal.addEventListener('abort', stop, { once: true });
  try {
    for (;;) {
      while (waiting.length > 0) yield waiting.shift() as LicenseStatus;
      if (signal.aborted) return;
      await wake.promise;
      wake = Promise.withResolvers<void>();
    }
  } finally {
    end();
    signal.removeEventListener('abort', stop);
  }
}
