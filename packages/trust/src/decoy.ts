import type { Draw } from './draw.ts';
import type { Effect } from './effect.ts';
import type { Comparison } from './event.ts';
import { revoke } from './mismatch.ts';
import { choosePartner } from './partner.ts';
import type { TrustState } from './state.ts';

/** The contractor's decoy committed a known wrong answer: somebody is asked for a copy, as in any audit. */
export function decideDecoyCommit(state: TrustState, draw: Draw): readonly Effect[] {
  const { terminal } = state;
  const by = choosePartner(state, draw);
  return by.kind === 'reference'
    ? [{ kind: 'reissue' }]
    : [{ kind: 'audit', terminal: terminal.terminal, reason: 'decoy', by, isDrawn: false }];
}

/** Whoever agrees with a decoy colludes: nobody comes to that answer by computing. Either way the run goes out again. */
export function decideDecoyCopy({ partner }: TrustState, comparison: Comparison): readonly Effect[] {
  const isAccomplice = comparison === 'equal' && partner !== null && partner.standing !== 'revoked';
  return [...(isAccomplice ? revoke(partner, 'agreed-with-a-decoy') : []), { kind: 'reissue' }];
}
