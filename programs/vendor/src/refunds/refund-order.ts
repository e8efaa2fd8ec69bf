import { inTransaction } from '@taika/database/transaction';
import { ApiError } from '@taika/http/api-error';
import { faultPoint } from '@taika/runtime/fault-points';
import type { VendorContext } from '../context.ts';
import { lockOrder } from '../orders/queries.ts';
import { findRefund, insertRefund, type RefundRow } from './queries.ts';
import { splitRefund } from './refund.ts';
import { settleRefund } from './settle-refund.ts';

/** What is to be given back. */
export interface WantedRefund {
  readonly refundId: string;
  readonly orderId: string;
  /** Undefined: all that is left of the price. */
  readonly amount: { readonly currency: string; readonly amountMilli: string } | undefined;
  /** A service refunds orders of its own product only; undefined for the operator. */
  readonly product: string | undefined;
}

/**
 * Gives back a completed order's price, in full or in part: what was paid by points as points, the rest in money. It is
 * decided here and stored; the points follow as soon as the contractor answers. A repeated call gives the refund as it is
 * by now.
 */
export async function refundOrder(context: VendorContext, wanted: WantedRefund): Promise<RefundRow> {
  const { refundId, orderId, amount, product } = wanted;
  const askedMilli = amount === undefined ? undefined : BigInt(amount.amountMilli);
  const stored = await inTransaction(context.sql, async (tx) => {
    const order = await lockOrder(tx, orderId);
    if (order === undefined || (product !== undefined && order.product !== product)) {
      throw new ApiError('not-found');
    }
    const known = await findRefund(tx, refundId);
    if (known !== undefined) {
      return sameOrConflict(known, wanted, askedMilli);
    }
    if (order.state !== 'completed') {
      throw new ApiError('wrong-state', `The order is ${order.state}: only a completed one is refunded.`, {
        extra: { state: order.state },
      });
    }
    if (amount !== undefined && amount.currency !== order.currency) {
      throw new ApiError('bad-request', `The order is in ${order.currency}.`);
    }
    const parts = splitRefund(order, {
      refundedMilli: order.refundingMilli,
      refundedDiscountMilli: order.refundingDiscountMilli,
      askedMilli,
    });
    const now = context.clock.now();
    await insertRefund(tx, { id: refundId, orderId, askedMilli: askedMilli ?? null, now, ...parts });
    return found(await findRefund(tx, refundId));
  });
  faultPoint('vendor.refund.stored');
  return stored.state === 'pending' ? settleRefund(context, stored) : stored;
}

function sameOrConflict(
  known: RefundRow,
  { orderId }: WantedRefund,
  askedMilli: bigint | undefined,
): RefundRow {
  if (known.orderId !== orderId || known.askedMilli !== (askedMilli ?? null)) {
    throw new ApiError('idempotency-conflict', 'This id was used for another refund.');
  }
  return known;
}

function found(refund: RefundRow | undefined): RefundRow {
  if (refund === undefined) {
    throw new Error('A refund was stored and is not there.');
  }
  return refund;
}
