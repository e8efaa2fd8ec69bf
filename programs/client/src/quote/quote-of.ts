import type { CapacityText } from '@taika/protocol/dispatch/capacity';
import type { JobSpecText } from '@taika/protocol/dispatch/jobs';
import type { RateCardText } from '@taika/protocol/dispatch/parties';
import type { MoneyText } from '@taika/protocol/schema';
import { jobFactorOf } from '@taika/protocol/trust-prices';
import type { Range } from './estimate.ts';
import type { JobEstimate } from './job-estimate.ts';
import {
  deadlineChance,
  priceAt,
  priceLevels,
  priceOfCoreHour,
  priceOfRented,
  secondsAtCapacity,
} from './price-quote.ts';

/** What a quote is made from, beside the estimate. */
export interface QuoteSources {
  readonly rates: RateCardText;
  readonly capacity: CapacityText;
  /** Of an hour of one rented core. */
  readonly rented: MoneyText;
  readonly spec: Pick<JobSpecText, 'trust' | 'copies' | 'deadlineMs' | 'maxPrice' | 'rounds'>;
}

export type Quote = ReturnType<typeof quoteOf>;

/** All that a quote says, as values: what `taika quote --json` prints. */
export function quoteOf(
  { fuel, covers }: Pick<JobEstimate, 'fuel' | 'covers'>,
  { rates, capacity, rented, spec }: QuoteSources,
) {
  const { currency } = rates.price;
  const money = (amountMilli: bigint): MoneyText => ({ currency, amountMilli: String(amountMilli) });
  const range = ({ low, likely, high }: Range) => ({
    low: money(low),
    likely: money(likely),
    high: money(high),
  });
  const card = cardOf(rates);
  const seconds = secondsAtCapacity(fuel, capacity);
  const levels = priceLevels(fuel, card, spec);
  const ownFactor = jobFactorOf(spec, card.levelFactors);
  const { deadlineMs, maxPrice } = spec;
  const isPart = covers !== 'all';
  const chance = deadlineMs === undefined ? undefined : deadlineChance(seconds, deadlineMs);
  return {
    prices: levels.map(({ total, ...level }) => ({ ...level, ...range(total) })),
    seconds,
    capacity,
    ...(deadlineMs === undefined
      ? {}
      : { deadline: { deadlineMs, chance: isPart && chance === 'kept' ? 'perhaps' : chance } }),
    ...(maxPrice === undefined ? {} : { maxPrice }),
    ...(isPart && spec.rounds !== undefined
      ? {
          /** What the first stages of all rounds that may be would cost, were they like the first round's. */
          allRounds: {
            max: spec.rounds.max,
            ...range(priceAt(times(fuel, BigInt(spec.rounds.max)), card, ownFactor)),
          },
        }
      : {}),
    corePerHour: money(priceOfCoreHour(card, ownFactor)),
    rented:
      rented.currency === currency
        ? {
            corePerHour: rented,
            ...range(
              priceOfRented(fuel, {
                corePerHourMilli: BigInt(rented.amountMilli),
                referenceFuelPerSecond: card.referenceFuelPerSecond,
              }),
            ),
          }
        : undefined,
    ...(rates.demonstration === undefined
      ? {}
      : {
          /** What the job would cost where rates are not those of a demonstration, tax included. */
          usual: range(priceAt(fuel, { ...card, ...usualOf(rates.demonstration) }, ownFactor)),
        }),
  };
}

function times({ low, likely, high }: Range, factor: bigint): Range {
  return { low: low * factor, likely: likely * factor, high: high * factor };
}

function cardOf(rates: RateCardText) {
  return {
    perFuel: BigInt(rates.perFuel),
    priceMilli: BigInt(rates.price.amountMilli),
    taxBasisPoints: rates.taxBasisPoints,
    referenceFuelPerSecond: BigInt(rates.referenceFuelPerSecond),
    levelFactors: rates.levelFactors,
  };
}

function usualOf({ usualPerFuel, usualPrice }: NonNullable<RateCardText['demonstration']>) {
  return { perFuel: BigInt(usualPerFuel), priceMilli: BigInt(usualPrice.amountMilli) };
}
