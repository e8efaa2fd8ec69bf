import { type CanonicalValue, canonicalJson } from '@taika/crypto/canonical-json';
import { sha256Hex } from '@taika/crypto/digest';
import type { PrivateJwk, PublicJwk } from '@taika/crypto/keys';
import { signToken, TokenError, verifyToken } from '@taika/crypto/token';
import { ApiError } from '@taika/http/api-error';
import type { StatementBodyText, StatementText } from '@taika/protocol/statements';
import { tokenTypes } from '@taika/protocol/tokens';

/** Signs a statement: the token carries the digest of the body's one spelling, so the body can be as long as it needs. */
export async function signStatement(
  body: StatementBodyText,
  { key, now }: { readonly key: PrivateJwk; readonly now: Date },
): Promise<StatementText> {
  const claims = {
    iss: body.issuer,
    aud: body.counterparty,
    iat: Math.floor(now.getTime() / 1000),
    day: body.day,
    part: body.part,
    sha256: await sha256Hex(spellingOf(body)),
  };
  return { body, token: await signToken(claims, { type: tokenTypes.statement, key }) };
}

/** Throws `bad-signature` unless the statement is what its issuer signed, for us, for this day and part. */
export async function checkStatement(
  { body, token }: StatementText,
  expected: {
    readonly issuer: string;
    readonly counterparty: string;
    readonly day: string;
    readonly part: number;
    readonly key: PublicJwk;
    readonly now: Date;
  },
): Promise<void> {
  const { issuer, counterparty, day, part, key, now } = expected;
  try {
    const claims = await verifyToken(token, {
      type: tokenTypes.statement,
      keys: key,
      now,
      issuer,
      audience: counterparty,
      expiry: 'optional',
    });
    const isSame =
      claims.sha256 === (await sha256Hex(spellingOf(body))) &&
      body.issuer === issuer &&
      body.counterparty === counterparty &&
      body.day === day &&
      body.part === part &&
      body.part <= body.parts;
    if (!isSame) {
      throw new ApiError('bad-signature', 'The statement is not the one that was signed, or not this one.');
    }
  } catch (error) {
    throw error instanceof TokenError
      ? new ApiError('bad-signature', error.message, { cause: error })
      : error;
  }
}

/** The one spelling of a body. */
export function spellingOf(body: StatementBodyText): string {
  return canonicalJson(body as unknown as CanonicalValue);
}
