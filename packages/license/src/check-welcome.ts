import { type PublicJwk, parsePublicKey } from '@taika/crypto/keys';
import { TokenError, verifyToken } from '@taika/crypto/token';
import { type HelloMessage, linkVersion, type WelcomeMessage } from '@taika/protocol/local-link';
import { type GrantClaims, type LeaseClaims, tokenTypes } from '@taika/protocol/tokens';
import { checkGrant, type VendorKeys } from './check-grant.ts';
import { DistrustError } from './license-error.ts';
import type { TrustedTime } from './trusted-time.ts';

/** An agent that was believed. */
export interface TrustedAgent {
  readonly terminalKey: PublicJwk;
  readonly nonce: string;
  readonly grant: GrantClaims;
}

/**
 * Checks an agent's answer to `hello`: the vendor's grant, and the proof by the terminal's key over our own nonce and
 * key, so that neither a copied grant nor a recorded answer serves. Throws a DistrustError.
 */
export async function checkWelcome(
  welcome: WelcomeMessage,
  { hello, vendorKeys, time }: { hello: HelloMessage; vendorKeys: VendorKeys; time: TrustedTime },
): Promise<TrustedAgent> {
  if (welcome.v !== linkVersion) {
    throw new DistrustError('untrusted_agent', `The agent speaks version ${welcome.v} of the link.`);
  }
  const terminalKey = publicKeyOf(welcome.terminalKey);
  const grant = await checkGrant({ grant: welcome.grant, app: hello.app, vendorKeys, terminalKey, time });
  const proof = await believed(welcome.proof, tokenTypes.linkProof, terminalKey, time);
  const isAnswer =
    proof.appNonce === hello.nonce &&
    proof.agentNonce === welcome.nonce &&
    proof.epk === hello.epk &&
    proof.app === hello.app;
  if (!isAnswer) throw new DistrustError('untrusted_agent', 'The agent’s proof answers another hello.');
  return { terminalKey, nonce: welcome.nonce, grant };
}

/** What a lease must fit to be believed. */
export interface LeaseCheck {
  readonly app: string;
  /** Thumbprint of the application's own key. */
  readonly appKey: string;
  /** The nonce and the number of the request that it answers. */
  readonly nonce: string;
  readonly seq: number;
  readonly terminalKey: PublicJwk;
  readonly time: TrustedTime;
}

/** Checks a lease: by this terminal, for this application and this request. Throws a DistrustError. */
export async function checkLease(lease: string, check: LeaseCheck): Promise<LeaseClaims> {
  const claims = await believed(lease, tokenTypes.lease, check.terminalKey, check.time);
  const fits =
    claims.app === check.app &&
    claims.appKey === check.appKey &&
    claims.nonce === check.nonce &&
    claims.seq === check.seq &&
    ['active', 'draining', 'grace'].includes(claims.state as string) &&
    [claims.validForMs, claims.renewAfterMs].every((ms) => Number.isSafeInteger(ms) && (ms as number) >= 0);
  if (!fits) throw new DistrustError('untrusted_agent', 'The lease answers another request.');
  return claims as unknown as LeaseClaims;
}

/** An Ed25519 public key from its 32 bytes in base64url. */
export function publicKeyOf(x: string): PublicJwk {
  return parsePublicKey({ kty: 'OKP', crv: 'Ed25519', x });
}

async function believed(token: string, type: string, key: PublicJwk, time: TrustedTime) {
  try {
    return await verifyToken(token, { type, keys: key, now: time.now(), expiry: 'optional' });
  } catch (error) {
    if (!(error instanceof TokenError)) throw error;
    throw new DistrustError('untrusted_agent', 'The agent does not prove the key that the grant names.', {
      cause: error,
    });
  }
}
