import type { Draw } from './draw.ts';
import type { Effect } from './effect.ts';
import type { Comparison, TrustEvent } from './event.ts';
import { revoke } from './mismatch.ts';
import { choosePartner } from './partner.ts';
import { pass } from './quarantine.ts';
import type { TrustState } from './state.ts';

/** The contractor's decoy committed a known wrong answer: somebody is asked for a copy, as in any audit. */
export function decideDecoyCommit(state: TrustState, draw: Draw): readonly Effect[] {
  const { terminal } = state;
  const by = choosePartner(state, draw);
  return by.kind === 'reference'
    ? [{ kind: 'reissue' }]
    : [{ kind: 'audit', terminal: terminal.terminal, reason: 'decoy', by, isDrawn: false }];
}

/**
 * Whoever agrees with a decoy is suspected, and the reference executor computes the run: a decoy is a program on a
 * machine, and one that was started wrongly, or altered what did not matter, has answered rightly. Who differs from it
 * is asked nothing.
 */
export function decideDecoyCopy({ partner }: TrustState, comparison: Comparison): readonly Effect[] {
  const isSuspect =
    comparison === 'equal' && partner !== null && partner.standing !== 'revoked' && !partner.isDecoy;
  return [isSuspect ? { kind: 'judge', reason: 'decoy', strict: false } : { kind: 'reissue' }];
}

/** The reference executor computed what a decoy and another agreed on: nobody comes to the same wrong answer by computing. */
export function decideDecoyJudgement(
  { partner }: TrustState,
  { isPartnerRight }: Extract<TrustEvent, { kind: 'judged' }>,
): readonly Effect[] {
  // Its right may have been taken meanwhile, for something else.
  if (partner === null || partner.standing === 'revoked' || partner.isDecoy) return [{ kind: 'reissue' }];
  return [
    ...(isPartnerRight ? pass(partner, false) : revoke(partner, 'agreed-with-a-decoy')),
    { kind: 'reissue' },
  ];
}
