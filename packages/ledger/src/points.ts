import { type Currency, decimalText, moneyScale, parseDecimal } from './money.ts';
import { divideHalfUp } from './rounding.ts';

/** The commodity under which points are booked. */
export const POINTS = 'PTS';

/** Decimals of points in the books. */
export const POINTS_SCALE = 3;

/** Fuel to which an earn rate refers. */
export const EARN_RATE_FUEL = 1_000_000_000n;

/** Points (scale 3) earned for `fuel` at `earnRate` points (scale 3) per 10^9 fuel, half-up. */
export function earnedPoints(fuel: bigint, earnRate: bigint): bigint {
  return divideHalfUp(fuel * earnRate, EARN_RATE_FUEL);
}

/**
 * What points are worth in a currency's books: 1 point is 1 yen, or one unit of the vendor's currency, always.
 * Exact for every amount, which is what lets the provision equal the outstanding points at every instant.
 */
export function pointsWorth(points: bigint, currency: Currency): bigint {
  return points * 10n ** BigInt(moneyScale(currency) - POINTS_SCALE);
}

/** The most points that can be taken off a price: never more than the price, whole thousandths of a point, rounded down. */
export function pointsForPrice(price: bigint, currency: Currency): bigint {
  return price / 10n ** BigInt(moneyScale(currency) - POINTS_SCALE);
}

/** Points as decimal text: `12.500`. */
export function formatPoints(points: bigint): string {
  return decimalText(points, POINTS_SCALE);
}

/** Decimal text as points; RangeError on anything else. */
export function parsePoints(text: string): bigint {
  return parseDecimal(text, POINTS_SCALE);
}

/**
 * The month in whose bucket points earned at `at` are kept, as `yyyy-mm`: they can be spent until the end of that month
 * in UTC, `monthsValid` months after the one in which they became final. Months sort as text, so the earliest bucket comes first.
 */
export function expiryMonth(at: Date, monthsValid: number): string {
  const month = new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + monthsValid, 1));
  return month.toISOString().slice(0, 7);
}

/** The bucket's month is over at `now`. */
export function isExpiredMonth(month: string, now: Date): boolean {
  return month < now.toISOString().slice(0, 7);
}
