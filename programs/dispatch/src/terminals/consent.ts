import { ApiError } from '@taika/http/api-error';
import { consentTextVersions } from '@taika/protocol/consent-texts';
import type { ConsentClaims } from '@taika/protocol/tokens';

/** Whose consent it must be. */
export interface ExpectedConsent {
  readonly consentId: string;
  /** Of the key whose session records it. */
  readonly thumbprint: string;
  readonly now: Date;
}

/** Reads the claims of a consent whose signature was verified. Throws `bad-request` naming the claim that does not fit. */
export function readConsent(
  claims: Readonly<Record<string, unknown>>,
  expected: ExpectedConsent,
): ConsentClaims {
  const limits = asRecord(claims.limits);
  const isRight = {
    sub: claims.sub === expected.thumbprint,
    // Else one signed consent could be recorded again under another id after it was withdrawn.
    jti: claims.jti === expected.consentId,
    product: isText(claims.product, 100),
    vendor: isText(claims.vendor, 100),
    textVersion: publishedVersions.has(claims.textVersion),
    textSha256: isText(claims.textSha256, 64) && /^[0-9a-f]{64}$/.test(claims.textSha256),
    locale: claims.locale === 'en' || claims.locale === 'ja',
    limits: isCount(limits.cores) && isCount(limits.memoryMiB),
    iat:
      typeof claims.iat === 'number' &&
      claims.iat <= expected.now.getTime() / 1000 + clockDifferenceSecondsMax &&
      claims.iat >= expected.now.getTime() / 1000 - ageSecondsMax,
  };
  const wrong = Object.entries(isRight).find(([, right]) => !right)?.[0];
  if (wrong !== undefined) {
    throw new ApiError('bad-request', `The consent's claim "${wrong}" is missing or wrong.`);
  }
  return claims as unknown as ConsentClaims;
}

/** What the member said yes to must be a text that exists. Its digest says nothing here: it depends on product and machine. */
const publishedVersions: ReadonlySet<unknown> = new Set(consentTextVersions);

/** A terminal's clock may be wrong, but a consent from the future is no consent. */
const clockDifferenceSecondsMax = 300;
/** Long enough for a terminal that was off line; an older yes is asked for anew. */
const ageSecondsMax = 24 * 3600;

function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function isText(value: unknown, lengthMax: number): value is string {
  return typeof value === 'string' && value.length > 0 && value.length <= lengthMax;
}

function isCount(value: unknown): boolean {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0 && value < 2 ** 31;
}
