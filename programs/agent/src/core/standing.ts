import { isGrantAlive } from '@taika/license/check-grant';
import type { ReasonText } from '@taika/protocol/schema';
import type { GrantClaims } from '@taika/protocol/tokens';

/** A grant as it is kept. */
export interface StoredGrant {
  readonly grant: string;
  readonly claims: GrantClaims;
}

/** Why the vendor refuses: its state is `not-computing`, `suspended`, `revoked` or `ended`. */
export interface LicenseRefusal {
  readonly state: string;
  readonly reason: ReasonText;
}

/** What the vendor said last about one license. */
export interface LicenseStanding {
  /** Present while it may be shown to applications. */
  readonly grant: string | undefined;
  readonly claims: GrantClaims | undefined;
  /** Present when the vendor refused. */
  readonly refusal?: LicenseRefusal;
  /** Present while the vendor cannot be reached: the offline allowance runs. */
  readonly isOffline: boolean;
}

/** How a license stands: pure, so that the model of the whole protocol uses it too. */
export function standingOf(
  kept: StoredGrant | undefined,
  refusal: LicenseRefusal | undefined,
  { now, isOffline }: { readonly now: Date; readonly isOffline: boolean },
): LicenseStanding {
  const lives = kept !== undefined && isUsable(kept.claims, { now, isOffline });
  return {
    grant: lives ? kept.grant : undefined,
    claims: kept?.claims,
    isOffline,
    ...(refusal === undefined ? {} : { refusal }),
  };
}

/** A grant counts to its end, and into the offline allowance only while the vendor really is out of reach. */
function isUsable(claims: GrantClaims, { now, isOffline }: { now: Date; isOffline: boolean }): boolean {
  return isOffline ? isGrantAlive(claims, now) : now.getTime() / 1000 < claims.exp;
}
