import { TokenError, verifyToken } from '@taika/crypto/token';
import { ApiError } from '@taika/http/api-error';
import { RemoteError } from '@taika/http/call';
import { readReceipt } from '@taika/protocol/dispatch/registrations';
import type { RegistrationId } from '@taika/protocol/schema';
import { type ReceiptClaims, tokenTypes } from '@taika/protocol/tokens';
import type { VendorContext } from '../context.ts';
import { upstreamError } from '../dispatch-client.ts';
import { contractorOf } from './contractor-key.ts';
import type { Evidence } from './license.ts';

/** What the dispatch server says about a terminal's work, fetched now: evidence, or that it was revoked, for good or not yet. */
export type Receipt =
  | { readonly kind: 'evidence'; readonly evidence: Evidence }
  | { readonly kind: 'revoked'; readonly isFinal: boolean };

/** Fetches a fresh receipt and believes it only by the contractor's key, for this vendor and this registration. Throws `upstream-unreachable`. */
export async function fetchReceipt(context: VendorContext, registrationId: string): Promise<Receipt> {
  let token: string;
  try {
    const params = { registrationId: registrationId as RegistrationId };
    token = (await context.dispatch.call(readReceipt, { params })).receipt;
  } catch (error) {
    if (error instanceof RemoteError && error.code === 'terminal-revoked') {
      // Only the contractor's own word ends a license: a server of before has none, and is asked again.
      return { kind: 'revoked', isFinal: error.problem.mayReturn === false };
    }
    throw upstreamError(error);
  }
  return { kind: 'evidence', evidence: await readEvidence(context, token, registrationId) };
}

async function readEvidence(
  context: VendorContext,
  token: string,
  registrationId: string,
): Promise<Evidence> {
  const { publicKey } = await contractorOf(context);
  try {
    const claims = (await verifyToken(token, {
      type: tokenTypes.receipt,
      keys: publicKey,
      audience: context.identity.vendorId,
      now: context.clock.now(),
      toleranceSeconds: clockToleranceSeconds,
    })) as unknown as ReceiptClaims;
    if (claims.sub !== registrationId) {
      throw new TokenError('wrong-request', 'The receipt is for another registration.');
    }
    return {
      committedMilli: BigInt(claims.pointsCommitted),
      finalMilli: BigInt(claims.pointsFinal),
      forfeitedMilli: BigInt(claims.pointsForfeited),
      state: claims.state,
      issuedAt: new Date(claims.iat * 1000),
      reentries: countOf(claims.reentries ?? 0),
    };
  } catch (error) {
    // Not the member's fault, and not to be told to it in detail: the two companies have to talk.
    context.log.error(
      { err: error, registration: registrationId },
      'A receipt of the dispatch server is not to be believed.',
    );
    throw new ApiError('upstream-unreachable', 'The dispatch server’s receipt is not valid.', {
      cause: error,
    });
  }
}

function countOf(claim: unknown): number {
  if (!Number.isSafeInteger(claim) || Number(claim) < 0) {
    throw new TypeError('The receipt does not count re-entries by a whole number.');
  }
  return Number(claim);
}

/** Two servers' clocks may differ a little. */
const clockToleranceSeconds = 60;
