import { isDeepStrictEqual } from 'node:util';
import { applyEffect } from './apply-effect.ts';
import { decide } from './decide.ts';
import type { Decision } from './decision.ts';
import { drawFor } from './draw.ts';
import type { Effect } from './effect.ts';
import type { Pool, TerminalTrust } from './state.ts';

/** Where a trace is not what the rules give: `at` counts its decisions from 0. */
export type Discrepancy =
  /** The same state, event and chance give other effects. */
  | {
      readonly kind: 'other-effects';
      readonly at: number;
      readonly recorded: readonly Effect[];
      readonly decided: readonly Effect[];
    }
  /** A terminal's row was not what earlier effects had made of it. */
  | {
      readonly kind: 'other-row';
      readonly at: number;
      readonly recorded: TerminalTrust;
      readonly expected: TerminalTrust;
    };

export interface ReplayOptions {
  /** Keys the draws; whoever holds it can repeat them. */
  readonly secret: Uint8Array;
  /** The pool as it was when that decision was made. */
  readonly poolOf: (decision: Decision, at: number) => Pool;
}

/**
 * Makes recorded decisions again, in the order in which they were made, and says where they differ from what the rules
 * give. Nothing for a trace that is complete and true: what was recorded of a terminal is what earlier decisions made of
 * it, and every audit was drawn from the secret and the commit.
 */
export function* replayDecisions(
  decisions: Iterable<Decision>,
  { secret, poolOf }: ReplayOptions,
): Generator<Discrepancy> {
  const rows = new Map<number, TerminalTrust>();
  let at = 0;
  for (const decision of decisions) {
    const { state, event, effects, subject } = decision;
    for (const recorded of [state.terminal, state.partner]) {
      if (recorded === null) continue;
      // Where a terminal calls from comes from outside, and may be learnt or change between two decisions.
      const expected = { ...(rows.get(recorded.terminal) ?? recorded), network: recorded.network };
      if (!isDeepStrictEqual(recorded, expected)) yield { kind: 'other-row', at, recorded, expected };
      rows.set(recorded.terminal, recorded);
    }
    const pool = poolOf(decision, at);
    const decided = decide({ ...state, pool }, event, drawFor(secret, subject));
    if (!isDeepStrictEqual(decided, effects)) {
      yield { kind: 'other-effects', at, recorded: effects, decided };
    }
    for (const effect of effects) applyTo(rows, effect);
    at++;
  }
}

function applyTo(rows: Map<number, TerminalTrust>, effect: Effect): void {
  if (!('terminal' in effect)) return;
  const row = rows.get(effect.terminal);
  if (row !== undefined) rows.set(effect.terminal, applyEffect(row, effect));
}
