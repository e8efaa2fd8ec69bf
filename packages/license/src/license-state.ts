/**
 * What an application may do at the moment, as a pure machine.
 *
 *                      leased                    drained
 *     restricted ──────────────► active ──────────────────► draining
 *       ▲ ▲ ▲ ▲                   ▲  │                        │  │
 *       │ │ │ └── refused,        │  │ the lease ended        │  │
 *       │ │ │     revoked ────────┼──┤ without a word         │  │
 *       │ │ │             leased  │  ▼                        │  │
 *       │ │ └───────────────────── grace                      │  │
 *       │ │     the grace ended       (leased: active again) ─┘  │
 *       │ └──────────────────────────────────────────────────────┘ its time ended, refused, revoked
 *       └ unreached: stays, with the new cause
 *
 * Invariants: without a lease nothing is ever active; a word from the agent (revoked, refused, drained) takes effect
 * at once or when it said; only silence leads to grace, and only from active; nothing but a lease leaves restricted.
 * Times are milliseconds of a counter that only grows (elapsed-time.ts), so setting a clock back does nothing.
 */
export type LicenseState =
  | { readonly kind: 'restricted'; readonly cause: string }
  | { readonly kind: 'active'; readonly endsAtMs: number; readonly isLost: boolean }
  | { readonly kind: 'draining'; readonly endsAtMs: number; readonly cause: string }
  | { readonly kind: 'grace'; readonly endsAtMs: number };

export type LicenseEvent =
  /** The agent promised so many milliseconds, after all checks. */
  | { readonly kind: 'leased'; readonly validForMs: number; readonly state: 'active' | 'draining' | 'grace' }
  /** The agent will stop serving in so many milliseconds. */
  | { readonly kind: 'drained'; readonly inMs: number; readonly cause: string }
  /** The agent stopped serving, in order. */
  | { readonly kind: 'revoked'; readonly cause: string }
  /** The agent answered a request with no. */
  | { readonly kind: 'refused'; readonly cause: string }
  /** The connection ended without a word: a crash. */
  | { readonly kind: 'lost' }
  /** No agent could be reached, or the one that answered was not believed. */
  | { readonly kind: 'unreached'; readonly cause: string }
  /** Time went by. */
  | { readonly kind: 'time' };

/** A lease never counts for longer, whatever it says. */
export const leaseMsMax = 90_000;
/** What a crash costs nobody: five minutes, with a plain notice. */
export const graceMs = 5 * 60_000;

export const initialLicenseState: LicenseState = { kind: 'restricted', cause: 'connecting' };

/** The state after an event at `nowMs`. Time that ran out before the event is accounted for first. */
export function stepLicense(state: LicenseState, event: LicenseEvent, nowMs: number): LicenseState {
  const present = expire(state, nowMs);
  switch (event.kind) {
    case 'leased':
      return lease(present, event, nowMs);
    case 'revoked':
    case 'refused':
      return { kind: 'restricted', cause: event.cause };
    case 'drained':
      return drain(present, event, nowMs);
    case 'lost':
      return lose(present);
    case 'unreached':
      return present.kind === 'restricted' ? { kind: 'restricted', cause: event.cause } : present;
    case 'time':
      return present;
  }
}

/** When the state changes by itself; undefined when it stays. */
export function nextChangeAtMs(state: LicenseState): number | undefined {
  return state.kind === 'restricted' ? undefined : state.endsAtMs;
}

function lease(
  present: LicenseState,
  { validForMs, state }: Extract<LicenseEvent, { kind: 'leased' }>,
  nowMs: number,
): LicenseState {
  const endsAtMs = nowMs + Math.min(leaseMsMax, Math.max(0, validForMs));
  // A lease does not say why it is the last; the agent's word before it did.
  if (state === 'draining')
    return { kind: 'draining', endsAtMs, cause: present.kind === 'draining' ? present.cause : 'stopping' };
  if (state === 'grace') return { kind: 'grace', endsAtMs };
  return { kind: 'active', endsAtMs, isLost: false };
}

function drain(
  state: LicenseState,
  { inMs, cause }: { readonly inMs: number; readonly cause: string },
  nowMs: number,
): LicenseState {
  if (state.kind === 'restricted') return state;
  if (inMs <= 0) return { kind: 'restricted', cause };
  // Draining promises nothing beyond what was already promised.
  return { kind: 'draining', endsAtMs: Math.min(state.endsAtMs, nowMs + inMs), cause };
}

function lose(state: LicenseState): LicenseState {
  return state.kind === 'active' ? { ...state, isLost: true } : state;
}

function expire(state: LicenseState, nowMs: number): LicenseState {
  if (state.kind === 'restricted' || nowMs < state.endsAtMs) return state;
  switch (state.kind) {
    case 'active': {
      const grace = { kind: 'grace', endsAtMs: state.endsAtMs + graceMs } as const;
      return expire(grace, nowMs);
    }
    case 'draining':
      return { kind: 'restricted', cause: state.cause };
    case 'grace':
      return { kind: 'restricted', cause: 'no_agent' };
  }
}
