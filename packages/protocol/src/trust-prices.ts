/**
 * What a trust level costs, in ten-thousandths of the rate card's price. All are the same: the price follows from the
 * canonical fuel alone, and computing again is the contractor's cost (docs/decisions/0031-one-price-for-all-levels.md).
 */
export const trustPriceBasisPoints = {
  economy: 10_000,
  standard: 10_000,
  high: 10_000,
  strict: 10_000,
} as const satisfies Record<string, number>;

export type PricedTrustLevel = keyof typeof trustPriceBasisPoints;

/** The price of work under a trust level, before tax; rounded down to a thousandth of the smallest coin. */
export function priceAtLevel(amountMilli: bigint, level: PricedTrustLevel = 'standard'): bigint {
  return (amountMilli * BigInt(trustPriceBasisPoints[level])) / 10_000n;
}
