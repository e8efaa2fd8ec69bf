import { youngAuditWeight } from './figures.ts';
import type { TrustLevel } from './trust-level.ts';

/** The probability that a TRUSTED terminal's result is audited: max(q, c/(passed + 1)). */
export function auditProbability(level: TrustLevel, passed: number): number {
  return Math.min(1, Math.max(level.auditProbability, youngAuditWeight / (passed + 1)));
}
