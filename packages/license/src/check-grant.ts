import { type PublicJwk, thumbprint } from '@taika/crypto/keys';
import { type TokenClaims, TokenError, verifyToken } from '@taika/crypto/token';
import { type GrantClaims, tokenTypes } from '@taika/protocol/tokens';
import { DistrustError } from './license-error.ts';
import type { TrustedTime } from './trusted-time.ts';

/** The vendor's keys as they are compiled into the application: the present one, and the one that comes after it. */
export interface VendorKeys {
  readonly current: PublicJwk;
  readonly next?: PublicJwk;
}

export interface GrantCheck {
  readonly grant: string;
  /** The product's short name. */
  readonly app: string;
  readonly vendorKeys: VendorKeys;
  /** The key that the agent proves to hold. */
  readonly terminalKey: PublicJwk;
  readonly time: TrustedTime;
}

/** No vendor may promise more than the allowance of 30 days offline, 72 hours, at once. */
const offlineSecondsMax = 72 * 3600;

/**
 * Checks a vendor's grant: signature, type, application, terminal, time. Throws a DistrustError that says which failed.
 * A grant counts until `exp`, and until `offlineUntil` where the agent says that it could not renew it.
 */
export async function checkGrant(check: GrantCheck): Promise<GrantClaims> {
  const claims = grantClaims(await verifyByVendor(check));
  if (!claims.apps.includes(check.app)) {
    throw new DistrustError('app_not_granted', `The grant does not name the application "${check.app}".`);
  }
  if (claims.cnf.jkt !== (await thumbprint(check.terminalKey))) {
    throw new DistrustError('untrusted_agent', 'The grant belongs to another terminal’s key.');
  }
  check.time.learn(new Date(claims.iat * 1000));
  if (!isGrantAlive(claims, check.time.now())) {
    throw new DistrustError('grant_expired', 'The grant has expired.');
  }
  return claims;
}

/** Whether a checked grant still counts. */
export function isGrantAlive(claims: GrantClaims, now: Date): boolean {
  const seconds = now.getTime() / 1000;
  return seconds < Math.max(claims.exp, Math.min(claims.offlineUntil, claims.iat + offlineSecondsMax));
}

async function verifyByVendor({ grant, vendorKeys, time }: GrantCheck): Promise<TokenClaims> {
  const keys = vendorKeys.next === undefined ? [vendorKeys.current] : [vendorKeys.current, vendorKeys.next];
  let failure: unknown;
  for (const key of keys) {
    try {
      // Its end is judged by `isGrantAlive`, which knows the offline allowance.
      return await verifyToken(grant, {
        type: tokenTypes.grant,
        keys: key,
        now: time.now(),
        toleranceSeconds: 1e12,
      });
    } catch (error) {
      if (!(error instanceof TokenError)) throw error;
      failure = error;
    }
  }
  throw new DistrustError('bad_grant', 'The grant is not signed by this application’s vendor.', {
    cause: failure,
  });
}

function grantClaims(claims: TokenClaims): GrantClaims {
  const { license, apps, entitlements, cnf, iat, exp, offlineUntil } = claims;
  const isGrant =
    typeof license === 'string' &&
    isTexts(apps) &&
    isTexts(entitlements) &&
    typeof (cnf as { jkt?: unknown } | undefined)?.jkt === 'string' &&
    [iat, exp, offlineUntil].every((instant) => typeof instant === 'number' && Number.isFinite(instant));
  if (!isGrant) throw new DistrustError('bad_grant', 'The grant lacks what a grant must say.');
  return claims as unknown as GrantClaims;
}

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((each) => typeof each === 'string');
}
