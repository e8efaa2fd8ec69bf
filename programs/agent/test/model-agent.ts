import { createTrustedTime } from '@taika/license/trusted-time';
import { type AgentEvent, type AgentState, stepAgent } from '../src/core/agent-state.ts';
import { consentTextVersion } from '../src/core/consent-text.ts';
import { type Draining, drainingAfter } from '../src/core/draining.ts';
import { decideLicense } from '../src/core/license-desk.ts';
import type { RegistrationRecord } from '../src/core/records.ts';
import { type LicenseRefusal, type StoredGrant, standingOf } from '../src/core/standing.ts';
import type { DeskAnswer } from '../src/link/license-desk.ts';
import type { ModelMachine } from './model-machine.ts';
import type { ModelServers } from './model-servers.ts';

/** The agent with its real machines (state, draining, standing, desk, trusted time) and a disk that outlives it. */
export interface ModelAgent {
  readonly isRunning: boolean;
  readonly state: AgentState;
  start(): void;
  /** The process ends; a crash keeps nothing that was not on the disk. */
  end(how: 'stopped' | 'crashed'): void;
  apply(event: AgentEvent): void;
  hasConsent: boolean;
  consult(): DeskAnswer;
  readonly claims: StoredGrant['claims'] | undefined;
}

const minute = 60_000;
const refreshMs = 20 * minute;
const againMs = minute;
const plans = ['agent call', 'agent grant', 'agent time', 'agent draining', 'agent pause'] as const;

/** `changed` is called whenever an answer may have changed. */
export function createModelAgent(
  machine: ModelMachine,
  servers: ModelServers,
  changed: () => void,
): ModelAgent {
  const disk: {
    grant?: StoredGrant | undefined;
    seen?: Date | undefined;
    pause?: { untilMs?: number } | undefined;
  } = {};
  let time = createTrustedTime(machine.clock);
  let isRunning = false;
  let state: AgentState = { kind: 'consented' };
  let draining: Draining | undefined;
  let refusal: LicenseRefusal | undefined;
  let isOffline = false;

  function call(): void {
    const isSeen = servers.call(machine.realMs, { hasConsent: agent.hasConsent });
    machine.plan('agent call', minute, call);
    if (isSeen && refusal?.reason.code === 'agent-not-seen') refresh();
  }

  function refresh(): void {
    if (!agent.hasConsent) return;
    const answer = servers.requestGrant(machine.realMs);
    isOffline = answer.kind === 'unreachable';
    if (answer.kind === 'granted') {
      time.learn(new Date(answer.claims.iat * 1000));
      disk.grant = { grant: String(answer.claims.iat), claims: answer.claims };
      disk.seen = time.latest;
      refusal = undefined;
    } else if (answer.kind === 'refused') {
      const { state: refused, code } = answer;
      refusal = { state: refused, reason: { code, sentence: '', remedy: '' } };
    }
    machine.plan('agent grant', answer.kind === 'granted' ? refreshMs : againMs, refresh);
    changed();
  }

  function keepTime(): void {
    disk.seen = time.latest ?? disk.seen;
    machine.plan('agent time', minute, keepTime);
  }

  const agent: ModelAgent = {
    hasConsent: true,
    get isRunning() {
      return isRunning;
    },
    get state() {
      return state;
    },
    get claims() {
      return disk.grant?.claims;
    },
    start() {
      isRunning = true;
      time = createTrustedTime(machine.clock, disk.seen);
      state = { kind: 'consented' };
      draining = refusal = undefined;
      isOffline = false;
      agent.apply({ kind: 'start' });
      if (disk.pause !== undefined) agent.apply({ kind: 'pause', ...disk.pause });
      keepTime();
      call();
      refresh();
    },
    end(how) {
      if (how === 'stopped') disk.seen = time.latest ?? disk.seen;
      isRunning = false;
      machine.cancel(...plans);
    },
    apply(event) {
      const next = stepAgent(state, event);
      if (next === undefined) return;
      draining = drainingAfter(state, draining, next, machine.clock.monotonicMs());
      state = next;
      machine.cancel('agent draining', 'agent pause');
      if (draining !== undefined)
        machine.plan('agent draining', draining.endsAtMs - machine.clock.monotonicMs(), () => {
          draining = undefined;
          changed();
        });
      const untilMs = state.kind === 'paused' ? state.untilMs : undefined;
      if (untilMs !== undefined)
        machine.plan('agent pause', untilMs - machine.clock.now().getTime(), () =>
          agent.apply({ kind: 'resume' }),
        );
      if (event.kind === 'pause') disk.pause = untilMs === undefined ? {} : { untilMs };
      if (event.kind === 'resume') disk.pause = undefined;
      if (event.kind === 'resume') refresh();
      changed();
    },
    consult: () =>
      decideLicense('editor', {
        state,
        registrations: [registration(agent.hasConsent)],
        standing: () => standingOf(disk.grant, refusal, { now: time.now(), isOffline }),
        draining:
          draining === undefined
            ? undefined
            : {
                inMs: Math.max(0, draining.endsAtMs - machine.clock.monotonicMs()),
                reason: 'not_computing',
              },
      }),
  };
  return agent;
}

function registration(hasConsent: boolean): RegistrationRecord {
  const consent = hasConsent ? { consent: { textVersion: consentTextVersion } } : {};
  return { product: 'editor', kind: 'application', ...consent } as unknown as RegistrationRecord;
}
