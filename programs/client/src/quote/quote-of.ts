import type { CapacityText } from '@taika/protocol/dispatch/capacity';
import type { JobSpecText } from '@taika/protocol/dispatch/jobs';
import type { RateCardText } from '@taika/protocol/dispatch/parties';
import type { MoneyText } from '@taika/protocol/schema';
import { jobFactorOf } from '@taika/protocol/trust-prices';
import type { Range } from './estimate.ts';
import {
  deadlineChance,
  priceAt,
  priceLevels,
  priceOfCoreHour,
  priceOfRented,
  secondsAtCapacity,
} from './price-quote.ts';
import type { JobEstimate } from './sample-job.ts';

/** What a quote is made from, beside the estimate. */
export interface QuoteSources {
  readonly rates: RateCardText;
  readonly capacity: CapacityText;
  /** Of an hour of one rented core. */
  readonly rented: MoneyText;
  readonly spec: Pick<JobSpecText, 'trust' | 'copies' | 'deadlineMs' | 'maxPrice'>;
}

export type Quote = ReturnType<typeof quoteOf>;

/** All that a quote says, as values: what `taika quote --json` prints. */
export function quoteOf(
  { fuel }: Pick<JobEstimate, 'fuel'>,
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
  return {
    prices: levels.map(({ total, ...level }) => ({ ...level, ...range(total) })),
    seconds,
    capacity,
    ...(deadlineMs === undefined
      ? {}
      : { deadline: { deadlineMs, chance: deadlineChance(seconds, deadlineMs) } }),
    ...(maxPrice === undefined ? {} : { maxPrice }),
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
