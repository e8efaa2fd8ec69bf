import { inTransaction } from '@taika/database/transaction';
import { ApiError } from '@taika/http/api-error';
import { expireHolds, releaseHold } from '@taika/ledger/resolve-hold';
import type { DispatchContext, VendorCaller } from '../context.ts';
import {
  findHold,
  type HoldRow,
  hasExpiredHold,
  lockHold,
  markExpired,
  membersOfHolds,
  resolveHold,
} from './hold-queries.ts';
import { lockPosition } from './queries.ts';
import { settleDebts } from './settle-debts.ts';

/** Gives held points back to the member, whose debt they settle first. A hold that is released or expired already stays so; a captured one is `wrong-state`. */
export function releasePoints(
  { sql, clock, contractor: { currency } }: DispatchContext,
  caller: VendorCaller,
  holdId: string,
): Promise<HoldRow> {
  return inTransaction(sql, async (tx) => {
    await lockPosition(tx);
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
    await settleDebts(tx, [String(hold.memberNumber)], { at, currency });
    const released = await findHold(tx, holdId);
    return released ?? hold;
  });
}

/** Frees holds whose time is over; what their members owe is settled in the same transaction. A step of a loop. */
export async function expireHoldsStep({
  sql,
  clock,
  contractor: { currency },
}: Pick<DispatchContext, 'sql' | 'clock' | 'contractor'>): Promise<'again' | 'idle'> {
  const at = clock.now();
  if (!(await hasExpiredHold(sql, at))) {
    return 'idle';
  }
  return inTransaction(sql, async (tx) => {
    await lockPosition(tx);
    const expired = await expireHolds(tx, { at });
    if (expired.length === 0) {
      return 'idle';
    }
    await markExpired(tx, expired, at);
    const members = await membersOfHolds(tx, expired);
    await settleDebts(tx, members.map(String), { at, currency });
    return 'again';
  });
}
