/** A quantity that is known within bounds. `low` equals `high` where it is known exactly. */
export interface Range {
  readonly low: bigint;
  readonly likely: bigint;
  readonly high: bigint;
}

/** The range of what is known exactly. */
export function exactRange(value: bigint): Range {
  return { low: value, likely: value, high: value };
}

/** One unit that was computed. */
export interface Sampled {
  readonly fuel: bigint;
  readonly inputBytes: number;
  readonly outputBytes: number;
}

/** All units of which some were sampled. */
export interface Population {
  readonly units: number;
  readonly inputBytes: number;
}

/**
 * What all units together take, from a sample of them: the sum is extrapolated by units or by input bytes, whichever
 * varies less, and its range is that of the sample's spread (Student's t, 99 %, for a part of a finite population) and
 * at least a fiftieth either way. Everything sampled is exact, because fuel is.
 */
export function estimateTotal(
  sampled: readonly Sampled[],
  population: Population,
  of: 'fuel' | 'outputBytes',
): Range {
  const values = sampled.map((unit) => Number(unit[of]));
  const exact = sampled.reduce((sum, unit) => sum + BigInt(unit[of]), 0n);
  if (sampled.length >= population.units) return exactRange(exact);
  const byUnits = extrapolate(
    values,
    values.map(() => 1),
    population.units,
    population,
  );
  const bytes = sampled.map(({ inputBytes }) => inputBytes);
  const hasBytes = bytes.every((length) => length > 0) && population.inputBytes > 0;
  const byBytes = hasBytes ? extrapolate(values, bytes, population.inputBytes, population) : byUnits;
  const { total, margin } = byBytes.margin < byUnits.margin ? byBytes : byUnits;
  const wide = Math.max(margin, total * leastShare);
  return {
    low: max(BigInt(Math.floor(total - wide)), exact),
    likely: BigInt(Math.round(total)),
    high: BigInt(Math.ceil(total + wide)),
  };
}

/** Units that were not sampled may be of a kind that the sample does not show. */
const leastShare = 0.02;

/** A ratio estimate (Cochran, Sampling Techniques, chapter 6): total of values = ratio to the sizes × all sizes. */
function extrapolate(
  values: readonly number[],
  sizes: readonly number[],
  sizeOfAll: number,
  { units }: Population,
): { readonly total: number; readonly margin: number } {
  const count = values.length;
  const ratio = sum(values) / sum(sizes);
  const total = ratio * sizeOfAll;
  // One unit says nothing about how much others differ.
  if (count < 2) return { total, margin: total * (singleFactor - 1) };
  const squares = values.map((value, at) => (value - ratio * (sizes[at] ?? 0)) ** 2);
  const variance = sum(squares) / (count - 1);
  const error = units * Math.sqrt((variance / count) * (1 - count / units));
  return { total, margin: studentT(count - 1) * error };
}

const singleFactor = 2;

/** Two-sided 99 % points of Student's t by degrees of freedom, from 1. */
const points = [
  63.66, 9.925, 5.841, 4.604, 4.032, 3.707, 3.499, 3.355, 3.25, 3.169, 3.106, 3.055, 3.012, 2.977,
];

function studentT(degrees: number): number {
  return points[degrees - 1] ?? 2.95;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function max(left: bigint, right: bigint): bigint {
  return left > right ? left : right;
}

/** Units to sample: the middle of each of `count` equal stretches, so that a trend along the input is seen. */
export function chooseUnits(units: number, count: number): number[] {
  const wanted = Math.min(units, count);
  return Array.from({ length: wanted }, (_unused, at) => Math.floor(((at + 0.5) * units) / wanted));
}
