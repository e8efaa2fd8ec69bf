import type { AgentState } from '../agent-state.ts';

/** What the member wants of the work loop. In `off` nothing is said to the server either: there is no consent. */
export type WorkMode = 'computing' | 'paused' | 'finishing' | 'off';

/** What an agent in a state does about work. A stopped one still gives back what it holds. */
export function workModeOf(state: AgentState): WorkMode {
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
