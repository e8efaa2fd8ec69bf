/**
 * What a trust level costs, in ten-thousandths of the rate card's price, which is that of `standard`. The ratios are
 * those of the executions that a level means on average (1.05, 1.1, 1.25 and 2 for each result): the customer pays for
 * the certainty and not for what happened to be computed again, so a price follows from the fuel alone.
 */
export const trustPriceBasisPoints = {
  economy: 9_500,
  standard: 10_000,
  high: 11_500,
  strict: 18_000,
} as const satisfies Record<string, number>;

export type PricedTrustLevel = keyof typeof trustPriceBasisPoints;

/** The price of work under a trust level, before tax; rounded down to a thousandth of the smallest coin. */
export function priceAtLevel(amountMilli: bigint, level: PricedTrustLevel = 'standard'): bigint {
  return (amountMilli * BigInt(trustPriceBasisPoints[level])) / 10_000n;
}
