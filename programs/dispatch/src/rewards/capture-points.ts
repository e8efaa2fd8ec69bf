import type { Transaction } from '@taika/database/connect';
import { inTransaction, isDuplicate } from '@taika/database/transaction';
import { ApiError } from '@taika/http/api-error';
import { checkoutCaptured } from '@taika/ledger/events';
import { pointsWorth } from '@taika/ledger/points';
import { captureHold } from '@taika/ledger/resolve-hold';
import { uuidv7 } from '@taika/runtime/identifiers';
import { insertClaim } from '../billing/claim-queries.ts';
import type { DispatchContext, VendorCaller } from '../context.ts';
import { drawn, heldParts } from './held-parts.ts';
import { findHold, type HoldRow, lockHold, resolveHold } from './hold-queries.ts';
import { verifyConfirmation } from './order-confirmation.ts';
import { lockPosition } from './queries.ts';
import { settleDebts } from './settle-debts.ts';

/**
 * Spends held points on their order (steps 803–804): the points are redeemed, and the vendor's claim is exactly their
 * worth. Hold, books and claim change in one transaction, so however many calls race, an order's points are taken once
 * and claimed once. A repeated call gets the first answer.
 */
export async function capturePoints(
  context: DispatchContext,
  caller: VendorCaller,
  { holdId, confirmation }: { readonly holdId: string; readonly confirmation: string },
): Promise<HoldRow> {
  const { sql } = context;
  const hold = await findHold(sql, holdId);
  if (hold === undefined || hold.vendorNumber !== caller.vendorNumber) {
    throw new ApiError('not-found');
  }
  if (hold.state === 'captured') {
    return hold;
  }
  const points = await verifyConfirmation(context, caller, hold, confirmation);
  return inTransaction(sql, (tx) => capture(tx, context, hold, points));
}

async function capture(
  tx: Transaction,
  { clock, random, contractor }: DispatchContext,
  { id: holdId, pointsMilli: heldPoints }: HoldRow,
  points: bigint,
): Promise<HoldRow> {
  if (points < heldPoints) {
    // The rest comes free, and settles what the member owes.
    await lockPosition(tx);
  }
  const hold = await lockHold(tx, holdId);
  if (hold === undefined || hold.state === 'captured') {
    return hold ?? missing();
  }
  if (hold.state !== 'held') {
    throw new ApiError('wrong-state', `This hold was ${hold.state}.`, { extra: { state: hold.state } });
  }
  const { currency } = contractor;
  const vendor = String(hold.vendorNumber);
  const at = clock.now();
  const outcome = await captureHold(tx, {
    idempotencyKey: `order:${vendor}:${hold.orderId}:capture`,
    event: 'points-captured',
    command: { hold: hold.id, order: hold.orderId, points },
    at,
    holdId: hold.ledgerHoldId,
    postings: checkoutCaptured({
      vendor,
      parts: drawn(await heldParts(tx, hold), { from: 0n, to: points }),
      currency,
    }),
  });
  if (outcome.kind === 'idempotency-conflict') {
    throw new ApiError('conflict', 'Points were taken for this order already.');
  }
  if (outcome.kind === 'refused') {
    throw new ApiError('wrong-state', `This hold cannot be captured: ${outcome.reason}.`);
  }
  await insertClaim(tx, {
    id: uuidv7(at, random),
    vendorNumber: hold.vendorNumber,
    kind: 'discount',
    registrationId: null,
    month: null,
    orderId: hold.orderId,
    currency,
    amountMilli: pointsWorth(points, currency),
    state: 'accrued',
    refusalCode: null,
    acceptedAt: at,
  }).catch(explainDuplicate);
  await resolveHold(tx, { id: holdId, state: 'captured', capturedMilli: points, at });
  if (points < heldPoints) {
    await settleDebts(tx, [String(hold.memberNumber)], { at, currency });
  }
  return (await findHold(tx, holdId)) ?? missing();
}

function explainDuplicate(error: unknown): never {
  throw isDuplicate(error, 'claim_order_once')
    ? new ApiError('conflict', 'Points were taken for this order already.', { cause: error })
    : error;
}

function missing(): never {
  throw new Error('A hold that was there is gone.');
}
