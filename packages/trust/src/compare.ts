import { chooseAuditor } from './commit.ts';
import { decideDecoyCopy } from './decoy.ts';
import type { Draw } from './draw.ts';
import type { Effect } from './effect.ts';
import type { TrustEvent } from './event.ts';
import { revoke } from './mismatch.ts';
import { pass } from './quarantine.ts';
import type { TrustState } from './state.ts';

type Compared = Extract<TrustEvent, { kind: 'compared' }>;

/** The second copy of a run is in. */
export function decideComparison(state: TrustState, event: Compared, draw: Draw): readonly Effect[] {
  if (state.terminal.isDecoy) return decideDecoyCopy(state, event.comparison);
  if (state.partner === null) return compareWithReference(state, event);
  return compareWithPartner(state, event, draw);
}

function compareWithReference({ terminal, job }: TrustState, event: Compared): readonly Effect[] {
  const { reason, comparison } = event;
  if (comparison === 'equal') {
    if (terminal.standing !== 'revoked') return pass(terminal, true);
    return [{ kind: 'settle' }];
  }
  // Nor does other fuel prove a lie: what branches on a NaN's bits takes another way on other hardware.
  if (job.artefact === 'fast') return [{ kind: 'judge', reason, strict: true }];
  return [
    { kind: 'settle' },
    ...(terminal.standing === 'revoked' ? [] : revoke(terminal, 'wrong-result')),
    { kind: 'expose-vouchers' },
  ];
}

function compareWithPartner(state: TrustState, event: Compared, draw: Draw): readonly Effect[] {
  const { terminal, partner, job } = state;
  const { reason, comparison } = event;
  // Its word was asked for when it was TRUSTED and has come when it no longer is: it cannot vouch, so somebody else is asked.
  if (partner?.standing !== 'trusted' || partner.isDecoy) {
    const by = chooseAuditor(state, reason, draw);
    return [{ kind: 'audit', terminal: terminal.terminal, reason, by, isDrawn: false }];
  }
  if (comparison !== 'equal') {
    return [{ kind: 'judge', reason, strict: job.artefact === 'fast' }];
  }
  if (terminal.standing === 'revoked') {
    // In a recall a stranger's equal copy is enough. A copy drawn before the revocation may be an accomplice's.
    return reason === 'recall'
      ? [{ kind: 'ignore', reason: 'already-settled' }]
      : [{ kind: 'judge', reason: 'vouched', strict: false }];
  }
  // The reference's copy would have been both: a critical result gets its word last, or, where no terminal may be asked, at once.
  return reason === 'critical' ? [{ kind: 'judge', reason, strict: false }] : pass(terminal, true);
}
