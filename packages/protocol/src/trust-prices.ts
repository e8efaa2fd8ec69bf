/**
 * What a job's trust level does to its price: the rate card's price times a factor in thousandths
 * (docs/decisions/0080-a-price-for-each-level.md). `plain` takes each result as it comes.
 */
export const pricedLevels = ['plain', 'economy', 'standard', 'high', 'strict'] as const;
export type PricedLevel = (typeof pricedLevels)[number];

/** A factor for each level, in thousandths of the rate card's price: 1100 is a tenth more. */
export type LevelFactors = Readonly<Record<PricedLevel, number>>;

/** A card that was published without factors has this one for every job. */
export const evenFactor = 1_000;

/** Bounds of a factor: a hundredth of the price to a hundred times it. */
export const factorBounds = { min: 10, max: 100_000 } as const;

/**
 * Factors of a contractor that has not published its own: what a level makes terminals compute for each result, on
 * average and without start-up (1.05, 1.1, 1.25 and 2 executions, docs/TRUST.md).
 */
export const defaultLevelFactors: LevelFactors = {
  plain: 1_000,
  economy: 1_050,
  standard: 1_100,
  high: 1_250,
  strict: 2_000,
};

/** What a job file says about trust: a level, or copies, or neither. */
export interface WantedTrust {
  readonly trust?: Exclude<PricedLevel, 'plain'> | undefined;
  readonly copies?: number | undefined;
}

/** What a job is priced as: a level, or `copies`, of which each costs the plain price. */
export interface JobFactor {
  readonly level: PricedLevel | 'copies';
  readonly factorThousandths: bigint;
}

/** The factor of a job under a card's factors; a card without any has one price. */
export function jobFactorOf(
  { trust, copies = 1 }: WantedTrust,
  factors: LevelFactors | null | undefined,
): JobFactor {
  if (copies > 1) {
    const factor = factors == null ? evenFactor : factors.plain * copies;
    return { level: 'copies', factorThousandths: BigInt(factor) };
  }
  const level = trust ?? 'plain';
  return { level, factorThousandths: BigInt(factors == null ? evenFactor : factors[level]) };
}
