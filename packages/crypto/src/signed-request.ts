import { tokenTypes } from '@taika/protocol/tokens';
import type { Random } from '@taika/runtime/random';
import { sha256Base64url, toBase64url } from './digest.ts';
import type { PrivateJwk, PublicJwk } from './keys.ts';
import { peekClaims, signToken, TokenError, verifyToken } from './token.ts';

/** The request that a signature covers. */
export interface RequestToSign {
  readonly method: string;
  /** Path and query, as sent: `/v1/members?limit=10`. */
  readonly path: string;
  /** The body's bytes as sent; undefined or empty when there is none. */
  readonly body?: Uint8Array | string | undefined;
}

/** How a request is signed. */
export interface SignRequestOptions extends RequestToSign {
  /** Who signs: the vendor's or terminal's id. */
  readonly issuer: string;
  /** Who is meant, so that one server cannot use the signature at another. */
  readonly audience?: string;
  readonly key: PrivateJwk;
  readonly now: Date;
  readonly random: Random;
}

/** Signs a request; gives the value of its `Authorization` header. The signature serves once, within a minute. */
export async function signRequest(options: SignRequestOptions): Promise<string> {
  const { method, path, body, issuer, audience, key, now, random } = options;
  const claims = {
    iss: issuer,
    ...(audience === undefined ? {} : { aud: audience }),
    htm: method.toUpperCase(),
    htu: path,
    bodySha256: await sha256Base64url(body ?? ''),
    iat: now.getTime() / 1000,
    jti: toBase64url(random.bytes(16)),
  };
  return `${requestSignatureScheme} ${await signToken(claims, { type: requestSignatureType, key })}`;
}

/** What a signed request must be to be believed. */
export interface VerifyRequestOptions extends RequestToSign {
  /** The request's `Authorization` header. */
  readonly authorization: string | undefined;
  /** Must be the signature's audience, when given. */
  readonly audience?: string;
  /** The key of the one who says that they signed; undefined when they are not known. */
  readonly findKey: (
    issuer: string,
    kid: string | undefined,
  ) => PublicJwk | undefined | Promise<PublicJwk | undefined>;
  /** Remembers a signature's id until then; false when it was seen before. See `createReplayGuard`. */
  readonly useOnce: (id: string, until: Date) => boolean | Promise<boolean>;
  readonly now: Date;
}

/** A request whose signature was believed. */
export interface VerifiedRequest {
  readonly issuer: string;
  /** The signature's own id, for the log. */
  readonly id: string;
}

/** Verifies that a request is from its issuer, unchanged, meant for this path, fresh, and not a repetition. Throws TokenError with the reason. */
export async function verifyRequest(options: VerifyRequestOptions): Promise<VerifiedRequest> {
  const token = signatureOf(options.authorization);
  const claimed = peekClaims(token).iss;
  if (typeof claimed !== 'string') {
    throw new TokenError('malformed', 'The request signature does not say who signed (iss).');
  }
  const claims = await verifyToken(token, {
    type: requestSignatureType,
    keys: (kid) => options.findKey(claimed, kid),
    now: options.now,
    issuer: claimed,
    expiry: 'optional',
    ...(options.audience === undefined ? {} : { audience: options.audience }),
  });
  if (claims.htm !== options.method.toUpperCase() || claims.htu !== options.path) {
    throw new TokenError('wrong-request', 'The signature is for another request (method, path or query).');
  }
  if (claims.bodySha256 !== (await sha256Base64url(options.body ?? ''))) {
    throw new TokenError('body-changed', 'The body is not the one that was signed.');
  }
  const { iat, jti } = claims;
  if (typeof iat !== 'number' || Math.abs(options.now.getTime() / 1000 - iat) > requestWindowSeconds) {
    throw new TokenError('outside-window', 'The signature is too old or from the future: check the clocks.');
  }
  if (typeof jti !== 'string' || jti === '') {
    throw new TokenError('malformed', 'The request signature has no id (jti).');
  }
  // Last, so that nobody can use up ids of others. It must be remembered as long as the window would take it.
  const until = new Date((iat + requestWindowSeconds) * 1000);
  if (!(await options.useOnce(`${claimed} ${jti}`, until))) {
    throw new TokenError('replayed', 'This request signature was used before.');
  }
  return { issuer: claimed, id: jti };
}

/** The scheme in the `Authorization` header. */
export const requestSignatureScheme = 'Taika-Signature';
/** The `typ` of a request signature. */
export const requestSignatureType = tokenTypes.request;
/** A signature is taken this long before and after its `iat`. */
export const requestWindowSeconds = 60;

function signatureOf(authorization: string | undefined): string {
  const [scheme, token, ...rest] = authorization?.split(' ') ?? [];
  if (
    scheme?.toLowerCase() !== requestSignatureScheme.toLowerCase() ||
    token === undefined ||
    rest.length > 0
  ) {
    throw new TokenError(
      'missing',
      `The request needs a signature: "Authorization: ${requestSignatureScheme} …".`,
    );
  }
  return token;
}
