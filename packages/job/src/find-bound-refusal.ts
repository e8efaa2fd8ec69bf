import type { JobSpecText } from '@taika/protocol/dispatch/jobs';
import { limits } from '@taika/protocol/limits';
import { type JobRefusal, refuse } from './job-refusal.ts';

/** Numbers that lie outside what the grid can keep: limits of a unit, seed, price. */
export function findBoundRefusal({
  limits: asked = {},
  seed,
  maxPrice,
  deadlineMs,
}: Pick<JobSpecText, 'limits' | 'seed' | 'maxPrice' | 'deadlineMs'>): JobRefusal | undefined {
  const { memoryMiB, outputBytes, timeMs } = limits.unit;
  if (isOutside(asked.memoryMiB, memoryMiB)) {
    return refuse(['limits', 'memoryMiB'], 'the memory of a unit is from 1 MiB to 4 GiB');
  }
  if (isOutside(asked.outputBytes, outputBytes)) {
    return refuse(['limits', 'outputBytes'], 'the output of a unit is from 1 B to 256 MiB');
  }
  if (isOutside(asked.timeMs, timeMs)) {
    return refuse(['limits', 'timeMs'], 'the time of a unit is from 100 ms to 24 h');
  }
  if (isOutside(deadlineMs, limits.deadlineMs)) {
    return refuse(['deadlineMs'], 'a deadline is from 1 s to 8784 h (366 days) after the submission');
  }
  if (seed !== undefined && !isSeed(seed)) {
    return refuse(['seed'], 'a seed is a whole number of 64 bits, from -(2^63) to 2^64 - 1');
  }
  if (maxPrice !== undefined && isOutside(Number(maxPrice.amountMilli), priceMilli)) {
    return refuse(['maxPrice'], 'it is at least one coin, and at most a billion of them');
  }
  return undefined;
}

/** A price limit that the contractor cannot keep, because it bills in another currency. */
export function findCurrencyRefusal(
  { maxPrice }: Pick<JobSpecText, 'maxPrice'>,
  currency: string,
): JobRefusal | undefined {
  return maxPrice === undefined || maxPrice.currency === currency
    ? undefined
    : refuse(['maxPrice'], `this contractor bills in ${currency}`);
}

/** A coin is the currency’s smallest: far beyond any job, and far within 64 bits for any number of them. */
const priceMilli = { min: 1_000, max: 1e12 } as const;

interface Bounds {
  readonly min: number;
  readonly max: number;
}

function isOutside(value: number | undefined, { min, max }: Bounds): boolean {
  return value !== undefined && !(value >= min && value <= max);
}

function isSeed(text: string): boolean {
  if (!/^-?\d{1,39}$/.test(text)) return false;
  const seed = BigInt(text);
  return seed >= -(2n ** 63n) && seed < 2n ** 64n;
}
