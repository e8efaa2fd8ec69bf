import { chooseAuditor } from './commit.ts';
import type { Draw } from './draw.ts';
import type { Effect } from './effect.ts';
import type { AuditReason } from './event.ts';
import { returnsBeforeFailed } from './figures.ts';
import type { TrustState } from './state.ts';

/** The partner did not deliver in time: the reference executor does. Waiting for a third would leave the lie open longer. */
export function decideLapse({ terminal }: TrustState, reason: AuditReason): readonly Effect[] {
  const isRunDropped = terminal.standing === 'revoked' && reason !== 'recall';
  if (terminal.isDecoy || isRunDropped) return [{ kind: 'reissue' }];
  return [{ kind: 'audit', terminal: terminal.terminal, reason, by: { kind: 'reference' }, isDrawn: false }];
}

/** One of the terminal's runs was picked for a copy; a flush audit is one of its audits, the others are not. */
export function decidePicked(
  state: TrustState,
  reason: 'flush' | 'vouched' | 'recall',
  draw: Draw,
): readonly Effect[] {
  if (state.terminal.isDecoy) return [{ kind: 'ignore', reason: 'decoy' }];
  const by = chooseAuditor(state, reason, draw);
  return [{ kind: 'audit', terminal: state.terminal.terminal, reason, by, isDrawn: reason === 'flush' }];
}

/** A unit was given back for a cause of the unit: no result and no offence, until several members say the same. */
export function decideReturn(members: number): readonly Effect[] {
  return members >= returnsBeforeFailed ? [{ kind: 'fail-unit' }] : [{ kind: 'reissue' }];
}
