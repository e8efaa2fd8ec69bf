import type { GrantClaims } from '@taika/protocol/tokens';

/** Durations of a grant (LEASE.md). */
export const grantTimes = {
  /** A grant's life: what a fake agent gains at most. */
  validMs: 60 * 60_000,
  /** Three chances to refresh within its life. */
  refreshAfterMs: 20 * 60_000,
  /** After an agent crashed: everything still works, with a plain notice. */
  graceSeconds: 300,
} as const;

/** The claims of a grant for one terminal. */
export function grantClaims(grant: {
  readonly vendorId: string;
  readonly memberId: string;
  readonly licenseId: string;
  readonly product: string;
  readonly thumbprint: string;
  readonly now: Date;
  readonly expiresAt: Date;
  readonly offlineUntil: Date;
}): GrantClaims {
  return {
    iss: grant.vendorId,
    sub: grant.memberId,
    license: grant.licenseId,
    apps: [grant.product],
    entitlements: ['full'],
    cnf: { jkt: grant.thumbprint },
    iat: seconds(grant.now),
    exp: seconds(grant.expiresAt),
    offlineUntil: seconds(grant.offlineUntil),
    graceSeconds: grantTimes.graceSeconds,
  };
}

function seconds(instant: Date): number {
  return Math.floor(instant.getTime() / 1000);
}
