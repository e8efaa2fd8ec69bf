/**
 * What the agent is doing, as a pure machine.
 *
 *     unregistered ──register──► registered ──consent──► consented ──start──► running ◄──resume, pause over── paused
 *          ▲                         ▲                                        │ │ ▲ └────────pause──────────────►│
 *          │                         │                                  finish│ │ └─resume─┐                     │
 *          │                         │                                        ▼ │stop      │                     │
 *          │                         │                                    finishing ───────┘                     │
 *          │                         │                                        │ drained: paused, or stopped      │
 *          │                         │                                        ▼                                  │
 *          │                         │                                     stopped ◄──────────stop───────────────┘
 *          │                         └── withdraw: from every state with consent, at once
 *          └── forget: from every state
 *
 * Invariants: units are computed in `running` and `finishing` only, and neither is reached without a consent;
 * withdrawing and forgetting are possible always; an event that means nothing in a state is refused, not ignored.
 */
export type AgentState =
  | { readonly kind: 'unregistered' | 'registered' | 'consented' | 'running' | 'stopped' }
  /** Without an end the member switched computing off; with one it is a courtesy that costs no license. */
  | { readonly kind: 'paused'; readonly untilMs?: number }
  | { readonly kind: 'finishing'; readonly next: 'paused' | 'stopped' };

export type AgentEvent =
  | {
      readonly kind: 'register' | 'consent' | 'withdraw' | 'forget' | 'start' | 'resume' | 'drained' | 'stop';
    }
  | { readonly kind: 'pause'; readonly untilMs?: number }
  | { readonly kind: 'finish'; readonly next: 'paused' | 'stopped' };

/** The state after an event, or undefined where the event is refused. */
export function stepAgent(state: AgentState, event: AgentEvent): AgentState | undefined {
  if (event.kind === 'forget') return { kind: 'unregistered' };
  if (event.kind === 'register') return state.kind === 'unregistered' ? { kind: 'registered' } : state;
  if (state.kind === 'unregistered') return undefined;
  if (event.kind === 'withdraw') return { kind: 'registered' };
  if (state.kind === 'registered') return event.kind === 'consent' ? { kind: 'consented' } : undefined;
  if (event.kind === 'consent') return state;
  switch (state.kind) {
    case 'consented':
    case 'stopped':
      return event.kind === 'start' ? { kind: 'running' } : undefined;
    case 'running':
      return fromRunning(event);
    case 'paused':
      return fromPaused(state, event);
    case 'finishing':
      if (event.kind === 'drained') return { kind: state.next };
      return fromRunning(event);
  }
}

/** Whether units may be computed. */
export function mayCompute(state: AgentState): boolean {
  return state.kind === 'running' || state.kind === 'finishing';
}

/** Whether an application may be licensed: the agent runs and the member has not switched computing off. */
export function countsAsRunning(state: AgentState): boolean {
  return mayCompute(state) || (state.kind === 'paused' && state.untilMs !== undefined);
}

function fromRunning(event: AgentEvent): AgentState | undefined {
  switch (event.kind) {
    case 'pause':
      return pausedUntil(event);
    case 'finish':
      return { kind: 'finishing', next: event.next };
    case 'resume':
      return { kind: 'running' };
    case 'stop':
      return { kind: 'stopped' };
    default:
      return undefined;
  }
}

function fromPaused(state: AgentState, event: AgentEvent): AgentState | undefined {
  switch (event.kind) {
    case 'pause':
      return pausedUntil(event);
    case 'resume':
      return { kind: 'running' };
    case 'finish':
      return event.next === 'stopped' ? { kind: 'stopped' } : state;
    case 'stop':
      return { kind: 'stopped' };
    default:
      return undefined;
  }
}

function pausedUntil({ untilMs }: { readonly untilMs?: number }): AgentState {
  return untilMs === undefined ? { kind: 'paused' } : { kind: 'paused', untilMs };
}
