import { type AgentState, countsAsRunning } from './agent-state.ts';

/** The time in which licenses still go on after the member switched computing off, by the monotonic clock. */
export interface Draining {
  readonly endsAtMs: number;
}

/** When the member switches computing off, a paid action that is under way may end within this. */
export const drainMs = 60_000;

/** What a change of the agent's state does to the draining: switching off what counted as running begins one, and only running ends it early. */
export function drainingAfter(
  before: AgentState,
  draining: Draining | undefined,
  after: AgentState,
  nowMs: number,
): Draining | undefined {
  const isSwitchedOff = after.kind === 'paused' && after.untilMs === undefined;
  if (!isSwitchedOff) return undefined;
  return countsAsRunning(before) ? { endsAtMs: nowMs + drainMs } : draining;
}
