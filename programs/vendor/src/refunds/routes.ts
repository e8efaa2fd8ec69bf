import { ApiError } from '@taika/http/api-error';
import type { OrderId, RefundId } from '@taika/protocol/schema';
import { type OrderRefundText, refundOrder as refundRoute } from '@taika/protocol/vendor/services';
import type { VendorRouter } from '../access/router.ts';
import type { VendorContext } from '../context.ts';
import { toOrderText } from '../orders/order-text.ts';
import { findOrder, type OrderRow } from '../orders/queries.ts';
import type { RefundRow } from './queries.ts';
import { refundOrder } from './refund-order.ts';

/** Refunds of orders, asked by the operator or by the service whose order it is. */
export function registerRefundRoutes(declare: VendorRouter, context: VendorContext): void {
  declare(refundRoute, async ({ params: { orderId, refundId }, body: { amount }, caller }) => {
    const product = caller.kind === 'service' ? caller.product : undefined;
    const refund = await refundOrder(context, { refundId, orderId, amount, product });
    const order = await findOrder(context.sql, orderId);
    if (order === undefined) {
      throw new ApiError('not-found');
    }
    return toRefundText(refund, order);
  });
}

function toRefundText(refund: RefundRow, order: OrderRow): OrderRefundText {
  const { id, orderId, state, reason, amountMilli, pointsMilli, discountMilli, requestedAt } = refund;
  const money = (milli: bigint) => ({ currency: order.currency, amountMilli: String(milli) });
  return {
    refundId: id as RefundId,
    orderId: orderId as OrderId,
    state,
    ...(reason === null ? {} : { reason }),
    amount: money(amountMilli),
    pointsMilli: String(pointsMilli),
    discount: money(discountMilli),
    money: money(amountMilli - discountMilli),
    requestedAt: requestedAt.toISOString(),
    order: toOrderText(order),
  };
}
