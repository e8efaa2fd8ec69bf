/**
 * How long a device may go on while the servers are out of reach (LEASE.md): 8 hours an outage, 72 hours in 30 days,
 * counted by the vendor because nothing on the member's machine can be trusted to count. A machine that is switched off
 * looks the same as one that is offline, so a long night may use up the allowance; the license itself never suffers.
 */
export const offlineTimes = {
  outageMsMax: 8 * 3_600_000,
  budgetMs: 72 * 3_600_000,
  budgetWindowMs: 30 * 86_400_000,
} as const;

/** A stretch in which a device may have gone on alone. */
export interface OfflineUse {
  readonly beganAt: Date;
  readonly endedAt: Date;
}

/** How much of the window's budget was used: the parts of all stretches that lie inside it. */
export function offlineUsedMs(uses: readonly OfflineUse[], now: Date): number {
  const from = now.getTime() - offlineTimes.budgetWindowMs;
  return uses.reduce(
    (sum, { beganAt, endedAt }) => sum + Math.max(0, endedAt.getTime() - Math.max(from, beganAt.getTime())),
    0,
  );
}

/** Until when a grant signed now lets the device go on alone: never before the grant's own end. */
export function offlineUntil(usedMs: number, now: Date, grantExpiresAt: Date): Date {
  const allowanceMs = Math.min(offlineTimes.outageMsMax, Math.max(0, offlineTimes.budgetMs - usedMs));
  return new Date(Math.max(grantExpiresAt.getTime(), now.getTime() + allowanceMs));
}

/** What the time since the last grant counts as: nothing while it was valid, else from when it was signed, because the allowance is. */
export function offlineUseSince(
  last: { readonly grantedAt: Date; readonly grantExpiresAt: Date; readonly offlineUntil: Date },
  now: Date,
): OfflineUse | undefined {
  if (now <= last.grantExpiresAt) {
    return undefined;
  }
  const endedAt = now < last.offlineUntil ? now : last.offlineUntil;
  return endedAt > last.grantExpiresAt ? { beganAt: last.grantedAt, endedAt } : undefined;
}
