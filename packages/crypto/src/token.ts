import { CompactSign, compactVerify, decodeProtectedHeader } from 'jose';
import { fromBase64url } from './encoding.ts';
import { importKey, type PrivateJwk, type PublicJwk } from './keys.ts';
import { TokenError } from './token-error.ts';

export { TokenError, type TokenErrorReason } from './token-error.ts';

/** What a token says. Registered names are RFC 7519's; instants are whole seconds since 1970. */
export interface TokenClaims {
  readonly iss?: string;
  readonly sub?: string;
  readonly aud?: string | readonly string[];
  readonly iat?: number;
  readonly nbf?: number;
  readonly exp?: number;
  readonly jti?: string;
  readonly [name: string]: unknown;
}

/** How a token is signed. */
export interface SignTokenOptions {
  /** The header's `typ`: one per kind of token, so that none passes for another. */
  readonly type: string;
  readonly key: PrivateJwk;
  /** Names the key for a reader who knows several. Default: the key's own `kid`, if it has one. */
  readonly kid?: string;
}

/** Signs claims as a compact JWS with Ed25519. A bigint is written as a decimal string. */
export async function signToken(
  claims: object,
  { type, key, kid = key.kid }: SignTokenOptions,
): Promise<string> {
  const payload = JSON.stringify(claims, (_name, value) =>
    typeof value === 'bigint' ? String(value) : value,
  );
  return new CompactSign(new TextEncoder().encode(payload))
    .setProtectedHeader({ alg: algorithm, typ: type, ...(kid === undefined ? {} : { kid }) })
    .sign(await importKey(key));
}

/** Finds the key that a token names; undefined when there is no such key. */
export type KeyFinder = (kid: string | undefined) => PublicJwk | undefined | Promise<PublicJwk | undefined>;

/** What a token must be to be believed. */
export interface VerifyTokenOptions {
  readonly type: string;
  readonly keys: PublicJwk | KeyFinder;
  readonly now: Date;
  /** Must be (one of) the token's `aud`. */
  readonly audience?: string;
  /** Must be the token's `iss`. */
  readonly issuer?: string;
  /** Allowed difference between the two clocks, for `exp` and `nbf`. Default: 0. */
  readonly toleranceSeconds?: number;
  /** Default: `required`. A token without an end is for ever, so who wants that must say so. */
  readonly expiry?: 'required' | 'optional';
}

/** Verifies a compact JWS and gives its claims. Throws TokenError with the reason. Believes nothing in the header but `kid`. */
export async function verifyToken(token: string, options: VerifyTokenOptions): Promise<TokenClaims> {
  const header = readHeader(token);
  if (header.alg !== algorithm) {
    throw new TokenError('wrong-algorithm', `A token must be signed with ${algorithm}, not "${header.alg}".`);
  }
  if (header.typ !== options.type) {
    throw new TokenError('wrong-type', `A token of type "${options.type}" is wanted, not "${header.typ}".`);
  }
  const key = typeof options.keys === 'function' ? await options.keys(header.kid) : options.keys;
  if (key === undefined) {
    throw new TokenError('unknown-key', `The token names the key "${header.kid}", which is not known.`);
  }
  const claims = parseClaims(await verifySignature(token, key));
  checkClaims(claims, options);
  return claims;
}

/** Reads the claims of a token WITHOUT believing it: to find out whose key to ask for, never more. */
export function peekClaims(token: string): TokenClaims {
  readHeader(token);
  try {
    return parseClaims(fromBase64url(token.split('.')[1] ?? ''));
  } catch (error) {
    throw error instanceof TokenError ? error : malformed(error);
  }
}

const algorithm = 'EdDSA';
/** No token here comes near this; what does is refused before any of it is parsed. */
const tokenCharactersMax = 16_384;

function readHeader(token: string): { alg?: string; typ?: string; kid?: string } {
  if (token.length > tokenCharactersMax || token.split('.').length !== 3) {
    throw malformed();
  }
  try {
    return decodeProtectedHeader(token);
  } catch (error) {
    throw malformed(error);
  }
}

async function verifySignature(token: string, key: PublicJwk): Promise<Uint8Array> {
  try {
    return (await compactVerify(token, await importKey(key), { algorithms: [algorithm] })).payload;
  } catch (error) {
    throw new TokenError('bad-signature', 'The signature of the token does not match its content and key.', {
      cause: error,
    });
  }
}

function parseClaims(payload: Uint8Array): TokenClaims {
  let claims: unknown;
  try {
    claims = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(payload));
  } catch (error) {
    throw malformed(error);
  }
  if (typeof claims !== 'object' || claims === null || Array.isArray(claims)) {
    throw malformed();
  }
  return claims as TokenClaims;
}

function checkClaims(claims: TokenClaims, options: VerifyTokenOptions): void {
  const { now, audience, issuer, toleranceSeconds = 0, expiry = 'required' } = options;
  const seconds = now.getTime() / 1000;
  for (const name of ['exp', 'nbf', 'iat'] as const) {
    if (claims[name] !== undefined && !Number.isFinite(claims[name])) {
      throw malformed();
    }
  }
  if (claims.exp === undefined && expiry === 'required') {
    throw new TokenError('expiry-missing', 'The token has no end (exp).');
  }
  if (claims.exp !== undefined && seconds >= claims.exp + toleranceSeconds) {
    throw new TokenError('expired', 'The token has expired.');
  }
  if (claims.nbf !== undefined && seconds < claims.nbf - toleranceSeconds) {
    throw new TokenError('not-yet-valid', 'The token is not valid yet.');
  }
  if (issuer !== undefined && claims.iss !== issuer) {
    throw new TokenError('wrong-issuer', `The token is from "${claims.iss}", not from "${issuer}".`);
  }
  if (audience !== undefined && !listed(claims.aud).includes(audience)) {
    throw new TokenError('wrong-audience', `The token is not meant for "${audience}".`);
  }
}

function listed(audience: TokenClaims['aud']): readonly unknown[] {
  return Array.isArray(audience) ? audience : [audience];
}

function malformed(cause?: unknown): TokenError {
  return new TokenError('malformed', 'This is not a signed token.', { cause });
}
