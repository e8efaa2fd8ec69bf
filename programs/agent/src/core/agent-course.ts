import type { LinkRefusal } from '@taika/protocol/local-link';
import type { Clock } from '@taika/runtime/clock';
import { AgentError } from './agent-error.ts';
import { type AgentEvent, type AgentState, stepAgent } from './agent-state.ts';
import { type Draining, drainingAfter } from './draining.ts';

/** Where the running agent is in the machine of agent-state.ts, with the ends that come by themselves. */
export interface AgentCourse {
  readonly state: AgentState;
  /** How long licenses still go on after computing was switched off, and why they end. */
  readonly draining: { readonly inMs: number; readonly reason: LinkRefusal } | undefined;
  /** Throws an AgentError where the event is refused. */
  apply(event: AgentEvent): void;
  /** The process ends: stopped from every state that can be, and nothing ends by itself any more. */
  end(): void;
}

export interface AgentCourseOptions {
  readonly clock: Clock;
  /** Called after each change but the last. */
  readonly changed: () => void;
  /** A pause with an end is over. */
  readonly pauseOver: () => void;
}

export function createAgentCourse({ clock, changed, pauseOver }: AgentCourseOptions): AgentCourse {
  let state: AgentState = { kind: 'consented' };
  let draining: Draining | undefined;
  let timer = new AbortController();

  function wakeAtEnds(): void {
    timer.abort();
    timer = new AbortController();
    const untilMs = state.kind === 'paused' ? state.untilMs : undefined;
    if (untilMs !== undefined) wakeAfter(untilMs - clock.now().getTime(), pauseOver);
    if (draining !== undefined) wakeAfter(draining.endsAtMs - clock.monotonicMs(), endDraining);
  }

  function wakeAfter(ms: number, end: () => void): void {
    clock.sleep(Math.max(0, ms), timer.signal).then(end, () => {});
  }

  function endDraining(): void {
    draining = undefined;
    changed();
  }

  return {
    get state() {
      return state;
    },
    get draining() {
      if (draining === undefined) return undefined;
      const inMs = Math.max(0, Math.round(draining.endsAtMs - clock.monotonicMs()));
      return { inMs, reason: 'not_computing' as const };
    },
    apply(event) {
      const next = stepAgent(state, event);
      if (next === undefined) {
        throw new AgentError(
          'not-now',
          `The agent is ${state.kind}: this cannot be done now.`,
          'See `taika agent status`.',
        );
      }
      draining = drainingAfter(state, draining, next, clock.monotonicMs());
      state = next;
      wakeAtEnds();
      changed();
    },
    end() {
      timer.abort();
      state = stepAgent(state, { kind: 'stop' }) ?? state;
    },
  };
}
