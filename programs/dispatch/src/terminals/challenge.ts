import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Random } from '@taika/runtime/random';

/** How long a challenge is good: a terminal answers it at once. */
export const challengeMs = 60_000;

/**
 * Makes a challenge for the holder of a key. Any replica can check it without having stored it:
 * base64url(expiry in ms: 8 bytes; nonce: 16 bytes; HMAC over both and the thumbprint, cut to 16 bytes).
 */
export function makeChallenge(
  thumbprint: string,
  { secret, now, random }: { readonly secret: Uint8Array; readonly now: Date; readonly random: Random },
): string {
  const body = Buffer.alloc(bodyBytes);
  body.writeBigInt64BE(BigInt(now.getTime() + challengeMs), 0);
  body.set(random.bytes(16), 8);
  return Buffer.concat([body, macOf(body, thumbprint, secret)]).toString('base64url');
}

/** What an answered challenge turned out to be. */
export type CheckedChallenge =
  | { readonly kind: 'ours'; readonly expiresAt: Date }
  | { readonly kind: 'expired' }
  | { readonly kind: 'forged' };

/** Whether we gave this challenge to the holder of this key, and whether it is still good. */
export function checkChallenge(
  challenge: string,
  thumbprint: string,
  { secret, now }: { readonly secret: Uint8Array; readonly now: Date },
): CheckedChallenge {
  const bytes = Buffer.from(challenge, 'base64url');
  // One spelling only: a second one of the same bytes would pass as unused.
  if (bytes.length !== bodyBytes + macBytes || bytes.toString('base64url') !== challenge) {
    return { kind: 'forged' };
  }
  const body = bytes.subarray(0, bodyBytes);
  if (!timingSafeEqual(bytes.subarray(bodyBytes), macOf(body, thumbprint, secret))) {
    return { kind: 'forged' };
  }
  const expiresAt = new Date(Number(body.readBigInt64BE(0)));
  return expiresAt > now ? { kind: 'ours', expiresAt } : { kind: 'expired' };
}

const bodyBytes = 24;
const macBytes = 16;

function macOf(body: Uint8Array, thumbprint: string, secret: Uint8Array): Buffer {
  const mac = createHmac('sha256', secret).update('taika challenge 1').update(body).update(thumbprint);
  return mac.digest().subarray(0, macBytes);
}
