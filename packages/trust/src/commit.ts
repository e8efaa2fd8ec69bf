import { auditProbability } from './audit-probability.ts';
import { decideDecoyCommit } from './decoy.ts';
import type { Draw } from './draw.ts';
import type { Auditor, Effect } from './effect.ts';
import type { AuditReason, TrustEvent } from './event.ts';
import { isOddFuel } from './odd-fuel.ts';
import { choosePartner } from './partner.ts';
import { chooseChecker } from './probation.ts';
import { quarantine } from './quarantine.ts';
import type { TrustState } from './state.ts';
import { trustLevels } from './trust-level.ts';

/** A result was committed: it goes under quarantine, and is audited or not. Its terminal is not told which. */
export function decideCommit(
  state: TrustState,
  event: Extract<TrustEvent, { kind: 'committed' }>,
  draw: Draw,
): readonly Effect[] {
  const { terminal } = state;
  if (terminal.standing === 'revoked') return [{ kind: 'reissue' }];
  if (terminal.isDecoy) return decideDecoyCommit(state, draw);
  const reason = auditReason(state, event, draw);
  if (reason === null) return [quarantine(terminal, false)];
  const by = chooseAuditor(state, reason, draw);
  return [
    quarantine(terminal, true),
    { kind: 'audit', terminal: terminal.terminal, reason, by, isDrawn: true },
  ];
}

/** Who computes the copy of a run that is audited for `reason`. */
export function chooseAuditor(state: TrustState, reason: AuditReason, draw: Draw): Auditor {
  if (reason === 'vouched') return { kind: 'reference' };
  return state.terminal.standing === 'probation' ? chooseChecker(state, draw) : choosePartner(state, draw);
}

function auditReason(
  { terminal, job }: TrustState,
  { isCritical, fuel, typicalFuel }: Extract<TrustEvent, { kind: 'committed' }>,
  draw: Draw,
): AuditReason | null {
  // Drawn first and always: the sequence of draws must not depend on what the terminal handed in.
  const fraction = draw.fraction();
  if (isCritical) return 'critical';
  if (terminal.standing === 'probation') return 'probation';
  if (fraction < auditProbability(trustLevels[job.level], terminal.passed)) return 'random';
  return isOddFuel(fuel, typicalFuel) ? 'odd-fuel' : null;
}
