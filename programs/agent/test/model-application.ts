import { isGrantAlive } from '@taika/license/check-grant';
import { createElapsedTime } from '@taika/license/elapsed-time';
import {
  initialLicenseState,
  type LicenseEvent,
  type LicenseState,
  nextChangeAtMs,
  stepLicense,
} from '@taika/license/license-state';
import { createTrustedTime } from '@taika/license/trusted-time';
import { linkTimes } from '@taika/protocol/local-link';
import type { GrantClaims } from '@taika/protocol/tokens';
import type { DeskAnswer } from '../src/link/license-desk.ts';
import type { ModelMachine } from './model-machine.ts';

/** The application with its real machines (license state, elapsed and trusted time), linked to an agent that may be there or not. */
export interface ModelApplication {
  readonly isRunning: boolean;
  readonly state: LicenseState;
  /** Time that it was not running, in which nobody counted. */
  readonly stoppedMs: number;
  start(): void;
  stop(): void;
  /** The agent's answers may have changed. */
  review(): void;
  /** The agent is gone: with a word, or without. */
  lose(how: 'stopped' | 'crashed'): void;
  /** The time went on, or the clock was set. */
  look(): void;
  /** Whether a grant counts by this application's own time. */
  believes(claims: GrantClaims | undefined): boolean;
}

export interface ModelLink {
  readonly isRunning: boolean;
  readonly claims: GrantClaims | undefined;
  consult(): DeskAnswer;
}

export function createModelApplication(machine: ModelMachine, agent: () => ModelLink): ModelApplication {
  const { clock } = machine;
  let seen: Date | undefined;
  let stoppedAtMs: number | undefined = machine.realMs;
  let stoppedMs = 0;
  let time = createTrustedTime(clock);
  let elapsedMs = createElapsedTime(clock);
  let state: LicenseState = initialLicenseState;
  let isSeated = false;
  let told: string | undefined;

  function emit(event: LicenseEvent): void {
    state = stepLicense(state, event, elapsedMs());
    const atMs = nextChangeAtMs(state);
    machine.cancel('app change');
    if (atMs !== undefined) machine.plan('app change', atMs - elapsedMs(), () => emit({ kind: 'time' }));
  }

  function ask(): void {
    machine.plan('app renewal', linkTimes.leaseRenewAfterMs, ask);
    emit(answerOf(agent()));
  }

  /** Hello and acquire, or a renewal: what link-session.ts does with the answer. */
  function answerOf({ isRunning, claims, consult }: ModelLink): LicenseEvent {
    if (!isRunning) return { kind: 'unreached', cause: 'no_agent' };
    const answer = consult();
    isSeated = answer.kind === 'granted';
    told = describe(answer);
    if (answer.kind === 'refused' || claims === undefined) return { kind: 'refused', cause: told };
    time.learn(new Date(claims.iat * 1000));
    seen = time.latest;
    if (!isGrantAlive(claims, time.now())) return { kind: 'refused', cause: 'grant_expired' };
    const validForMs = Math.min(linkTimes.leaseValidForMs, answer.draining?.inMs ?? Number.POSITIVE_INFINITY);
    return { kind: 'leased', validForMs, state: answer.draining === undefined ? 'active' : 'draining' };
  }

  const application: ModelApplication = {
    get isRunning() {
      return stoppedAtMs === undefined;
    },
    get state() {
      return state;
    },
    get stoppedMs() {
      return stoppedMs + (stoppedAtMs === undefined ? 0 : machine.realMs - stoppedAtMs);
    },
    start() {
      stoppedMs = application.stoppedMs;
      stoppedAtMs = undefined;
      time = createTrustedTime(clock, seen);
      elapsedMs = createElapsedTime(clock);
      state = initialLicenseState;
      ask();
    },
    stop() {
      seen = time.latest ?? seen;
      stoppedAtMs = machine.realMs;
      isSeated = false;
      state = initialLicenseState;
      machine.cancel('app change', 'app renewal');
    },
    review() {
      if (!application.isRunning || !agent().isRunning) return;
      // Without a seat, or without a grant that it believes, it asks every second; at once is the same to the model.
      if (!isSeated || state.kind === 'restricted') return ask();
      const answer = agent().consult();
      if (describe(answer) === told) return;
      told = describe(answer);
      if (answer.kind === 'refused') {
        isSeated = false;
        emit({ kind: 'revoked', cause: answer.reason });
      } else if (answer.draining !== undefined) {
        emit({ kind: 'drained', inMs: answer.draining.inMs, cause: answer.draining.reason });
      }
    },
    lose(how) {
      if (application.isRunning && isSeated)
        emit(how === 'stopped' ? { kind: 'revoked', cause: 'stopping' } : { kind: 'lost' });
      isSeated = false;
    },
    look() {
      if (application.isRunning) emit({ kind: 'time' });
    },
    believes: (claims) => claims !== undefined && isGrantAlive(claims, time.now()),
  };
  return application;
}

function describe(answer: DeskAnswer): string {
  if (answer.kind === 'refused') return answer.reason;
  return answer.draining === undefined ? 'active' : 'draining';
}
