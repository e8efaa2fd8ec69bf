import { ApiError } from '@taika/http/api-error';
import { COIN } from '@taika/ledger/money';
import { pointsForPrice } from '@taika/ledger/points';
import { divideHalfUp } from '@taika/ledger/rounding';

/** How an order was paid. The discount is whole coins, as is the price. */
export interface PaidOrder {
  readonly currency: string;
  readonly priceMilli: bigint;
  readonly discountMilli: bigint;
}

/** What a refund gives back: `amountMilli` of the price, of which `discountMilli` as points and the rest as money. */
export interface RefundParts {
  readonly amountMilli: bigint;
  readonly discountMilli: bigint;
  readonly pointsMilli: bigint;
}

/**
 * Splits a refund between points and money as the order itself was paid, so that nobody turns points into money or money
 * into points. The share is worked out from all that was refunded by now and rounded once, to whole coins; so however an
 * order is refunded piece by piece, the pieces never come to more than was paid in either kind, and in the end exactly to that.
 * `refundedMilli` went before, `refundedDiscountMilli` of it as points; `askedMilli` undefined asks for all that is left. Throws `bad-request` for fractions of
 * a coin or nothing, and `wrong-state` for more than is left.
 */
export function splitRefund(
  order: PaidOrder,
  {
    refundedMilli,
    refundedDiscountMilli,
    askedMilli,
  }: {
    readonly refundedMilli: bigint;
    readonly refundedDiscountMilli: bigint;
    readonly askedMilli: bigint | undefined;
  },
): RefundParts {
  const left = order.priceMilli - refundedMilli;
  if (left === 0n) {
    throw new ApiError('wrong-state', 'All of this order’s price was refunded, or it had none.');
  }
  const amountMilli = askedMilli ?? left;
  if (amountMilli <= 0n || amountMilli % COIN !== 0n) {
    throw new ApiError('bad-request', 'A refund is of whole coins, and of one at least.');
  }
  if (amountMilli > left) {
    throw new ApiError('wrong-state', 'That is more than is left of the order’s price.', {
      extra: { refundableMilli: String(left) },
    });
  }
  // Beyond these ends only after a refund was refused that others had followed.
  const share = discountOf(order, refundedMilli + amountMilli) - refundedDiscountMilli;
  const discountMilli = share < 0n ? 0n : share > amountMilli ? amountMilli : share;
  return { amountMilli, discountMilli, pointsMilli: pointsForPrice(discountMilli, order.currency) };
}

/** What of the first `refundedMilli` of a price was paid by points. */
function discountOf({ priceMilli, discountMilli }: PaidOrder, refundedMilli: bigint): bigint {
  return divideHalfUp(discountMilli * refundedMilli, priceMilli * COIN) * COIN;
}
