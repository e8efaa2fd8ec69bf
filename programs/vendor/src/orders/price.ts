import { ApiError } from '@taika/http/api-error';
import { COIN, moneyScale } from '@taika/ledger/money';
import { pointsForPrice, pointsWorth } from '@taika/ledger/points';
import type { OrderText } from '@taika/protocol/vendor/services';

type Lines = OrderText['lines'];

/** What an order comes to. `chargeMilli` = `priceMilli` − `discountMilli`, and the discount is exactly what the points are worth. */
export interface OrderPrice {
  readonly currency: string;
  readonly priceMilli: bigint;
  readonly pointsMilli: bigint;
  readonly discountMilli: bigint;
  readonly chargeMilli: bigint;
}

/** No order here comes near this; the books hold less than 2^63. */
const priceMilliMax = 10n ** 15n;

/** The sum of the lines, which must be in one currency and come to whole coins. Throws `bad-request`. */
export function sumOfLines(lines: Lines): { readonly currency: string; readonly priceMilli: bigint } {
  const [first] = lines;
  if (first === undefined) {
    throw new ApiError('bad-request', 'An order needs lines.');
  }
  const { currency } = first.unitPrice;
  moneyScale(currency);
  let priceMilli = 0n;
  for (const { quantity, unitPrice } of lines) {
    const amount = BigInt(unitPrice.amountMilli);
    if (unitPrice.currency !== currency || amount < 0n) {
      throw new ApiError('bad-request', 'All lines must be in one currency and not below zero.');
    }
    priceMilli += BigInt(quantity) * amount;
  }
  if (priceMilli % COIN !== 0n || priceMilli > priceMilliMax) {
    throw new ApiError('bad-request', 'The price must come to whole coins of its currency.');
  }
  return { currency, priceMilli };
}

/** The most points that can be spent on a price: no more than there are or than it costs, and only what makes whole coins, because the rest is paid in coins. */
export function pointsMax(availableMilli: bigint, { currency, priceMilli }: Priced): bigint {
  const forPrice = pointsForPrice(priceMilli, currency);
  const points = availableMilli < forPrice ? availableMilli : forPrice;
  const pointsOfCoin = pointsForPrice(COIN, currency);
  return points <= 0n ? 0n : pointsOfCoin === 0n ? points : points - (points % pointsOfCoin);
}

/** Takes points off a price. Throws `bad-request` for more than it costs, or what leaves a fraction of a coin to pay. */
export function takeOff(pointsMilli: bigint, { currency, priceMilli }: Priced): OrderPrice {
  const discountMilli = pointsWorth(pointsMilli, currency);
  if (pointsMilli < 0n || discountMilli > priceMilli) {
    throw new ApiError('bad-request', 'No more points can be spent than the price comes to.');
  }
  if (discountMilli % COIN !== 0n) {
    throw new ApiError('bad-request', 'The points must come to whole coins of the currency.');
  }
  return { currency, priceMilli, pointsMilli, discountMilli, chargeMilli: priceMilli - discountMilli };
}

interface Priced {
  readonly currency: string;
  readonly priceMilli: bigint;
}
