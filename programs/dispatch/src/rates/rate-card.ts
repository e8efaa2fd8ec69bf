import { defaultLevelFactors } from '@taika/protocol/trust-prices';
import type { RateCardRow } from './queries.ts';

/** A rate card before it is published. */
export type NewRateCard = Omit<RateCardRow, 'version' | 'publishedAt'>;

/**
 * The tariff of a contractor that has not published its own. 10^12 fuel are about 17 minutes of one core of the reference
 * machine; 0.4 JPY for them is 1.4 JPY a core-hour, about half of what clouds take for interruptible machines, and at
 * `strict`, where everything is computed twice, still less than these.
 */
export function defaultRateCard(currency: string): NewRateCard {
  return {
    perFuel: 10n ** 12n,
    currency,
    priceMilli: 400n,
    pointsMilli: 200n,
    taxBasisPoints: 1_000,
    referenceFuelPerSecond,
    levelFactors: defaultLevelFactors,
  };
}

/** A tariff about 2,500 times as dear, so that a demonstration of a few seconds ends in whole coins and points. */
export function demoRateCard(currency: string): NewRateCard {
  return { ...defaultRateCard(currency), perFuel: 10n ** 9n, priceMilli: 1_000n, pointsMilli: 500n };
}

/** Whether a card has the figures of the demonstration. Nobody else takes 3,600 JPY for a core-hour. */
export function isDemoRateCard(
  card: Pick<RateCardRow, 'currency' | 'perFuel' | 'priceMilli' | 'pointsMilli'>,
): boolean {
  const { perFuel, priceMilli, pointsMilli } = demoRateCard(card.currency);
  return card.perFuel === perFuel && card.priceMilli === priceMilli && card.pointsMilli === pointsMilli;
}

/** One core of the reference machine: a round number near what V8 does on a plain server. */
const referenceFuelPerSecond = 10n ** 9n;
