import { TokenError, verifyToken } from '@taika/crypto/token';
import { inTransaction } from '@taika/database/transaction';
import { ApiError } from '@taika/http/api-error';
import { tokenTypes } from '@taika/protocol/tokens';
import { isUuid } from '@taika/runtime/identifiers';
import type { DispatchContext, TerminalCaller } from '../context.ts';
import { readConsent } from './consent.ts';
import { type ConsentRow, findConsent, findRegisteredVendor, insertConsent } from './consent-queries.ts';
import { findTerminalKey } from './queries.ts';

/** Records what the member agreed to, signed by the terminal. It replaces an earlier consent for the same product. */
export async function recordConsent(
  { sql, clock, standing }: DispatchContext,
  caller: TerminalCaller,
  { consentId, token }: { readonly consentId: string; readonly token: string },
): Promise<Date> {
  const known = await findConsent(sql, consentId);
  if (known !== undefined) {
    return sameOrRefused(known, caller, token);
  }
  const now = clock.now();
  const key = await findTerminalKey(sql, caller.terminalNumber);
  if (key === undefined) {
    throw new ApiError('terminal-unknown');
  }
  const claims = readConsent(
    await verifyToken(token, {
      type: tokenTypes.consent,
      keys: key.publicKey,
      expiry: 'optional',
      now,
    }).catch(refuseToken),
    { consentId, thumbprint: key.thumbprint, now },
  );
  const recordedAt = await inTransaction(sql, async (tx) => {
    const vendorNumber = isUuid(claims.vendor)
      ? await findRegisteredVendor(tx, {
          terminalNumber: caller.terminalNumber,
          vendorId: claims.vendor,
          product: claims.product,
        })
      : undefined;
    if (vendorNumber === undefined) {
      throw new ApiError(
        'wrong-state',
        'This terminal is not registered for the product that the consent names.',
      );
    }
    const row: ConsentRow = {
      id: consentId,
      terminalNumber: caller.terminalNumber,
      vendorNumber,
      product: claims.product,
      textVersion: claims.textVersion,
      textSha256: claims.textSha256,
      locale: claims.locale,
      cores: claims.limits.cores,
      memoryMib: claims.limits.memoryMiB,
      token,
      recordedAt: now,
    };
    if (await insertConsent(tx, row)) {
      return now;
    }
    const meanwhile = await findConsent(tx, consentId);
    if (meanwhile === undefined) {
      throw new Error('A consent is in the way and is not there.');
    }
    return sameOrRefused(meanwhile, caller, token);
  });
  standing.forget(caller.terminalNumber);
  return recordedAt;
}

function sameOrRefused(
  known: { terminalNumber: bigint; token: string; recordedAt: Date; withdrawnAt: Date | null },
  caller: TerminalCaller,
  token: string,
): Date {
  if (known.terminalNumber !== caller.terminalNumber || known.token !== token) {
    throw new ApiError('idempotency-conflict', 'This consent id was used for another consent.');
  }
  if (known.withdrawnAt !== null) {
    throw new ApiError('wrong-state', 'This consent was withdrawn or replaced; ask the member anew.');
  }
  return known.recordedAt;
}

function refuseToken(error: unknown): never {
  throw error instanceof TokenError
    ? new ApiError('bad-signature', `The consent was refused: ${error.message}`, { cause: error })
    : error;
}
