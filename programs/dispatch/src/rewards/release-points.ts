import { inTransaction } from '@taika/database/transaction';
import { ApiError } from '@taika/http/api-error';
import { expireHolds, releaseHold } from '@taika/ledger/resolve-hold';
import type { DispatchContext, VendorCaller } from '../context.ts';
import { findHold, type HoldRow, lockHold, markExpired, resolveHold } from './hold-queries.ts';

/** Gives held points back to the member. A hold that is released or expired already stays so; a captured one is `wrong-state`. */
export function releasePoints(
  { sql, clock }: DispatchContext,
  caller: VendorCaller,
  holdId: string,
): Promise<HoldRow> {
  return inTransaction(sql, async (tx) => {
    const hold = await lockHold(tx, holdId);
    if (hold === undefined || hold.vendorNumber !== caller.vendorNumber) {
      throw new ApiError('not-found');
    }
    if (hold.state === 'captured') {
      throw new ApiError('wrong-state', 'These points were spent.', { extra: { state: hold.state } });
    }
    if (hold.state !== 'held') {
      return hold;
    }
    const at = clock.now();
    const outcome = await releaseHold(tx, {
      idempotencyKey: `hold:${holdId}:release`,
      event: 'points-released',
      command: { hold: holdId },
      at,
      holdId: hold.ledgerHoldId,
    });
    if (outcome.kind !== 'released') {
      throw new Error(`The hold ${holdId} is held and could not be released: ${outcome.kind}.`);
    }
    await resolveHold(tx, { id: holdId, state: 'released', capturedMilli: 0n, at });
    const released = await findHold(tx, holdId);
    return released ?? hold;
  });
}

/** Frees holds whose time is over. A step of a loop. */
export function expireHoldsStep({
  sql,
  clock,
}: Pick<DispatchContext, 'sql' | 'clock'>): Promise<'again' | 'idle'> {
  return inTransaction(sql, async (tx) => {
    const at = clock.now();
    const expired = await expireHolds(tx, { at });
    if (expired.length === 0) {
      return 'idle';
    }
    await markExpired(tx, expired, at);
    return 'again';
  });
}
