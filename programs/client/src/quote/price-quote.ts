import { COIN, priceOf } from '@taika/ledger/money';
import { invoiceTotals } from '@taika/ledger/tax';
import type { CapacityText } from '@taika/protocol/dispatch/capacity';
import { type PricedTrustLevel, priceAtLevel, trustPriceBasisPoints } from '@taika/protocol/trust-prices';
import type { Range } from './estimate.ts';

/** The parts of a rate card that a quote needs. */
export interface QuoteRates {
  readonly perFuel: bigint;
  readonly priceMilli: bigint;
  readonly taxBasisPoints: number;
  readonly referenceFuelPerSecond: bigint;
}

/** What a job costs under one trust level, with tax, as it would be invoiced. */
export interface LevelPrice {
  readonly level: PricedTrustLevel;
  readonly total: Range;
}

/** The prices of each level. An invoice is rounded to whole coins, and so are these. */
export function priceLevels(fuel: Range, rates: QuoteRates): LevelPrice[] {
  const levels = Object.keys(trustPriceBasisPoints) as PricedTrustLevel[];
  return levels.map((level) => ({ level, total: mapRange(fuel, (value) => totalOf(value, rates, level)) }));
}

function totalOf(fuel: bigint, rates: QuoteRates, level: PricedTrustLevel): bigint {
  const amount = priceAtLevel(priceOf(fuel, { price: rates.priceMilli, per: rates.perFuel }), level);
  return invoiceTotals([{ amount, rateBasisPoints: rates.taxBasisPoints }]).total;
}

/** Seconds until a job is done that is submitted now: what waits is computed beside it, so both share the cores. Undefined without a terminal. */
export function secondsAtCapacity(fuel: Range, capacity: CapacityText): Range | undefined {
  if (capacity.cores === 0) return undefined;
  const perSecond = BigInt(capacity.referenceFuelPerSecond) * BigInt(capacity.cores);
  const waiting = BigInt(capacity.fuelWaiting);
  return mapRange(fuel, (value) => (value + min(value, waiting)) / perSecond + 1n);
}

/**
 * What the same work costs on rented machines at a price for an hour of one core, before tax: as many core-hours as the
 * reference machine needs, each begun hour of a core paid as a part. Getting there, storage and idle time come on top and
 * are left out, in favour of the rented machines.
 */
export function priceOfRented(
  fuel: Range,
  { corePerHourMilli, referenceFuelPerSecond }: { corePerHourMilli: bigint; referenceFuelPerSecond: bigint },
): Range {
  return mapRange(fuel, (value) => {
    const exact = priceOf(value, { price: corePerHourMilli, per: referenceFuelPerSecond * 3600n });
    return ((exact + COIN - 1n) / COIN) * COIN;
  });
}

function mapRange(range: Range, map: (value: bigint) => bigint): Range {
  return { low: map(range.low), likely: map(range.likely), high: map(range.high) };
}

function min(left: bigint, right: bigint): bigint {
  return left < right ? left : right;
}
