import type { Transaction } from '@taika/database/connect';
import { inTransaction } from '@taika/database/transaction';
import { ApiError } from '@taika/http/api-error';
import { accountCode } from '@taika/ledger/account';
import { balanceOf } from '@taika/ledger/balance';
import { COIN } from '@taika/ledger/money';
import { POINTS, pointsWorth } from '@taika/ledger/points';
import { post } from '@taika/ledger/post';
import { pointsRefunded } from '@taika/ledger/refund-events';
import { insertClaim } from '../billing/claim-queries.ts';
import type { DispatchContext, VendorCaller } from '../context.ts';
import { drawn, heldParts } from './held-parts.ts';
import { findRefund, type HoldRow, insertRefund, lockCapturedHold, type RefundRow } from './hold-queries.ts';
import { lockPosition } from './queries.ts';
import { returnPoints } from './refund.ts';

/** What a vendor gives back. */
export interface WantedRefund {
  readonly refundId: string;
  readonly orderId: string;
  readonly pointsMilli: bigint;
}

/** A refund, and what of its order went back by now. */
export interface Refunded extends RefundRow {
  readonly refundedMilli: bigint;
}

/**
 * Gives points of an order back to its member, and has the vendor owe their worth by a claim below zero. Books, hold and claim
 * change in one transaction; a repeated call gets the first answer. Throws `not-found` for an order that spent no points, and
 * `wrong-state` for more than it spent.
 */
export async function refundPoints(
  context: DispatchContext,
  caller: VendorCaller,
  wanted: WantedRefund,
): Promise<Refunded> {
  const { refundId, orderId, pointsMilli } = wanted;
  const { vendorNumber } = caller;
  const { currency } = context.contractor;
  // Documents take refunds off as they are, so they are whole coins. Of a capture in fractions of a coin the fraction stays.
  if (pointsMilli <= 0n || pointsWorth(pointsMilli, currency) % COIN !== 0n) {
    throw new ApiError(
      'bad-request',
      `A refund is of points worth whole coins of ${currency}, and of one coin at least: give another number of points.`,
    );
  }
  return inTransaction(context.sql, async (tx) => {
    // The journal of points waits, as it does for a capture and a release: a debt that arose meanwhile would stand beside the
    // points that came back. It is locked before the hold everywhere.
    await lockPosition(tx);
    const hold = await lockCapturedHold(tx, { vendorNumber, orderId });
    if (hold === undefined) {
      throw new ApiError('not-found', 'No points were spent on an order with this id.');
    }
    const known = await findRefund(tx, refundId);
    if (known === undefined) {
      await refund(tx, context, { hold, wanted });
    } else if (
      known.vendorNumber !== vendorNumber ||
      known.orderId !== orderId ||
      known.pointsMilli !== pointsMilli
    ) {
      throw new ApiError('idempotency-conflict', 'This id was used for another refund.');
    }
    const [stored, after] = [
      await findRefund(tx, refundId),
      await lockCapturedHold(tx, { vendorNumber, orderId }),
    ];
    if (stored === undefined || after === undefined) {
      throw new Error(`The refund ${refundId} was not stored.`);
    }
    return { ...stored, refundedMilli: after.refundedMilli };
  });
}

async function refund(
  tx: Transaction,
  { clock, contractor: { currency } }: DispatchContext,
  { hold, wanted }: { readonly hold: HoldRow; readonly wanted: WantedRefund },
): Promise<void> {
  const { refundId, orderId, pointsMilli } = wanted;
  const left = hold.capturedMilli - hold.refundedMilli;
  if (pointsMilli > left) {
    throw new ApiError('wrong-state', `Of this order’s points ${left} thousandths can still be given back.`, {
      extra: { refundableMilli: String(left) },
    });
  }
  const member = String(hold.memberNumber);
  const vendor = String(hold.vendorNumber);
  const at = clock.now();
  const taken = drawn(await heldParts(tx, hold), { from: left - pointsMilli, to: left });
  const owed = await balanceOf(tx, { account: accountCode.pointsDebt(member), commodity: POINTS });
  const { parts, debtRepaid } = returnPoints(taken, { member, debt: owed.posted, now: at });
  const outcome = await post(tx, {
    idempotencyKey: `order:${vendor}:${orderId}:refund:${refundId}`,
    event: 'points-refunded',
    command: { refund: refundId, order: orderId, hold: hold.id, points: pointsMilli, debtRepaid },
    at,
    postings: pointsRefunded({ member, vendor, parts, debtRepaid, currency }),
  });
  if (outcome.kind !== 'posted' || outcome.replayed) {
    throw new Error(`The refund ${refundId} could not be booked: ${outcome.kind}.`);
  }
  const isNew = await insertClaim(tx, {
    id: refundId,
    vendorNumber: hold.vendorNumber,
    kind: 'refund',
    registrationId: null,
    month: null,
    orderId,
    currency,
    amountMilli: -pointsWorth(pointsMilli, currency),
    state: 'accrued',
    refusalCode: null,
    acceptedAt: at,
  });
  if (!isNew) {
    throw new ApiError('idempotency-conflict', 'This id was used for a claim: take another one.');
  }
  await insertRefund(tx, {
    id: refundId,
    holdId: hold.id,
    pointsMilli,
    debtMilli: debtRepaid,
    refundedAt: at,
  });
}
