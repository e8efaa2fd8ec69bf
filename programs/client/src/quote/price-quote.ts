import { COIN, priceOf } from '@taika/ledger/money';
import { invoiceTotals } from '@taika/ledger/tax';
import type { CapacityText } from '@taika/protocol/dispatch/capacity';
import {
  type JobFactor,
  jobFactorOf,
  type LevelFactors,
  pricedLevels,
  type WantedTrust,
} from '@taika/protocol/trust-prices';
import type { Range } from './estimate.ts';

/** The parts of a rate card that a quote needs. */
export interface QuoteRates {
  readonly perFuel: bigint;
  readonly priceMilli: bigint;
  readonly taxBasisPoints: number;
  readonly referenceFuelPerSecond: bigint;
  /** Absent: all levels cost the same. */
  readonly levelFactors?: LevelFactors | undefined;
}

/** What a job costs under one trust level, with tax, as it would be invoiced. */
export interface LevelPrice extends JobFactor {
  readonly total: Range;
  /** True for what the job's file says. */
  readonly isOwn: boolean;
}

/**
 * The prices of each level, and of copies where the job's file names them. An invoice is rounded to whole coins, and so
 * are these.
 */
export function priceLevels(fuel: Range, rates: QuoteRates, own: WantedTrust = {}): LevelPrice[] {
  const ownFactor = jobFactorOf(own, rates.levelFactors);
  const factors = pricedLevels.map((level) =>
    jobFactorOf(level === 'plain' ? {} : { trust: level }, rates.levelFactors),
  );
  return [...factors, ...(ownFactor.level === 'copies' ? [ownFactor] : [])].map((factor) => ({
    ...factor,
    total: priceAt(fuel, rates, factor),
    isOwn: factor.level === ownFactor.level,
  }));
}

/** What fuel costs under one factor, with tax, as it would be invoiced. */
export function priceAt(
  fuel: Range,
  { priceMilli, perFuel, taxBasisPoints }: QuoteRates,
  { factorThousandths }: Pick<JobFactor, 'factorThousandths'>,
): Range {
  return mapRange(fuel, (value) => {
    const amount = priceOf(value, { price: priceMilli, per: perFuel, factorThousandths });
    return invoiceTotals([{ amount, rateBasisPoints: taxBasisPoints }]).total;
  });
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

/** What a core of the reference machine costs here for an hour, before tax: to be held beside the price of a rented one. */
export function priceOfCoreHour(
  { perFuel, priceMilli, referenceFuelPerSecond }: QuoteRates,
  { factorThousandths }: Pick<JobFactor, 'factorThousandths'>,
): bigint {
  const fuel = referenceFuelPerSecond * 3600n;
  return priceOf(fuel, { price: priceMilli, per: perFuel, factorThousandths });
}

/** How a deadline stands to the time that a job takes at today's capacity; undefined where no terminal is there to go by. */
export function deadlineChance(
  seconds: Range | undefined,
  deadlineMs: number,
): 'kept' | 'perhaps' | 'missed' | undefined {
  if (seconds === undefined) return undefined;
  const deadline = BigInt(Math.floor(deadlineMs / 1000));
  if (seconds.high <= deadline) return 'kept';
  return seconds.low <= deadline ? 'perhaps' : 'missed';
}

function mapRange(range: Range, map: (value: bigint) => bigint): Range {
  return { low: map(range.low), likely: map(range.likely), high: map(range.high) };
}

function min(left: bigint, right: bigint): bigint {
  return left < right ? left : right;
}
