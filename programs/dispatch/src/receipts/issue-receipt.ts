import { signToken } from '@taika/crypto/token';
import { ApiError } from '@taika/http/api-error';
import { type ReceiptClaims, tokenTypes } from '@taika/protocol/tokens';
import type { DispatchContext, TerminalCaller, VendorCaller } from '../context.ts';
import { findRegistration } from '../registrations/queries.ts';
import { findPresence } from '../terminals/queries.ts';
import { revokedError } from '../terminals/revoked-error.ts';
import { type Evidence, evidenceOf } from './evidence.ts';
import { noteHour, readUse, sumTerminalWork } from './queries.ts';
import { receiptState } from './receipt-state.ts';

/** Days of work that are evidence for a license: the policy's default window (LEASE.md). */
const windowDays = 30;
/** A vendor's grant lives longer than a receipt, so a receipt is fetched for each. */
const receiptSeconds = 15 * 60;

/** The evidence behind a license of this vendor, signed. Its subject is the registration. Throws `terminal-revoked`. */
export async function issueReceipt(
  context: DispatchContext,
  caller: VendorCaller,
  registrationId: string,
): Promise<string> {
  const registration = await findRegistration(context.sql, registrationId);
  if (registration === undefined || registration.vendorNumber !== caller.vendorNumber) {
    throw new ApiError('not-found');
  }
  const { token, evidence, at } = await sign(context, {
    sub: registrationId,
    aud: caller.vendorId,
    terminalNumber: registration.terminalNumber,
    hasEnded: registration.endedAt !== null,
  });
  // What the vendor's grant of this hour will rest on, and its fee for the month.
  if (registration.kind === 'application' && evidence.committed + evidence.final > evidence.forfeited) {
    await noteHour(context.sql, { registrationId, at });
  }
  return token;
}

/** The evidence of a terminal, for itself to show. Its subject is the terminal. */
export async function issueTerminalReceipt(
  context: DispatchContext,
  caller: TerminalCaller,
): Promise<string> {
  const { token } = await sign(context, {
    sub: caller.terminalId,
    aud: caller.terminalId,
    terminalNumber: caller.terminalNumber,
    hasEnded: false,
  });
  return token;
}

async function sign(
  { sql, clock, standing, contractor }: DispatchContext,
  subject: {
    readonly sub: string;
    readonly aud: string;
    readonly terminalNumber: bigint;
    readonly hasEnded: boolean;
  },
): Promise<{ readonly token: string; readonly evidence: Evidence; readonly at: Date }> {
  const now = clock.now();
  const { sub, aud, terminalNumber, hasEnded } = subject;
  const found = await standing.find(terminalNumber);
  if (found?.state === 'revoked') {
    // The vendor's license rests or ends at this answer: a wrong result, not a lack of evidence.
    throw revokedError(found);
  }
  const evidence = evidenceOf(
    await sumTerminalWork(sql, terminalNumber, lastDays(now)),
    await readUse(sql, terminalNumber, now),
  );
  const state = hasEnded
    ? 'not-computing'
    : receiptState(found, await findPresence(sql, terminalNumber), now);
  const iat = Math.floor(now.getTime() / 1000);
  const claims: ReceiptClaims = {
    iss: contractor.name,
    sub,
    aud,
    pointsCommitted: String(evidence.committed),
    pointsFinal: String(evidence.final),
    pointsForfeited: String(evidence.forfeited),
    state,
    ...(found?.reentries === undefined ? {} : { reentries: found.reentries }),
    iat,
    exp: iat + receiptSeconds,
  };
  const token = await signToken(claims, { type: tokenTypes.receipt, key: contractor.key.privateKey });
  return { token, evidence, at: new Date(iat * 1000) };
}

function lastDays(now: Date): { readonly from: string; readonly before: string } {
  const dayMs = 24 * 3600 * 1000;
  const day = (at: number) => new Date(at).toISOString().slice(0, 'yyyy-mm-dd'.length);
  return { from: day(now.getTime() - windowDays * dayMs), before: day(now.getTime() + dayMs) };
}
