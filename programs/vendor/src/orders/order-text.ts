import { pointsForPrice } from '@taika/ledger/points';
import type { OrderId } from '@taika/protocol/schema';
import type { OrderText } from '@taika/protocol/vendor/services';
import { shownState } from './order.ts';
import type { OrderRow } from './queries.ts';

/** An order as others see it. */
export function toOrderText(order: OrderRow): OrderText {
  const { id, product, kind, state, reason, lines, currency, period, createdAt, expiresAt, endedAt } = order;
  const money = (amountMilli: bigint) => ({ currency, amountMilli: String(amountMilli) });
  const isWaiting = ['priced', 'awaiting-confirmation', 'confirmed'].includes(state);
  return {
    orderId: id as OrderId,
    product,
    kind,
    state: shownState(state),
    ...(reason === null ? {} : { reason }),
    lines: lines.map(({ description, quantity, unitPrice }) => ({ description, quantity, unitPrice })),
    price: money(order.priceMilli),
    pointsMilli: String(order.pointsMilli),
    discount: money(order.discountMilli),
    charge: money(order.chargeMilli),
    ...refundedOf(order),
    ...(period === null ? {} : { period }),
    createdAt: createdAt.toISOString(),
    ...(isWaiting && expiresAt !== null ? { expiresAt: expiresAt.toISOString() } : {}),
    ...(state === 'completed' && endedAt !== null ? { completedAt: endedAt.toISOString() } : {}),
  };
}

/** What went back of an order; nothing where none did. */
function refundedOf({
  currency,
  refundedMilli,
  refundedDiscountMilli,
}: OrderRow): Pick<OrderText, 'refunded'> {
  const money = (amountMilli: bigint) => ({ currency, amountMilli: String(amountMilli) });
  if (refundedMilli === 0n) {
    return {};
  }
  return {
    refunded: {
      amount: money(refundedMilli),
      pointsMilli: String(pointsForPrice(refundedDiscountMilli, currency)),
      discount: money(refundedDiscountMilli),
      money: money(refundedMilli - refundedDiscountMilli),
    },
  };
}
