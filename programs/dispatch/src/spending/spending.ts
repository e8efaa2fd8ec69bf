import { type PriceRate, priceOf, totalsOf } from '../billing/price.ts';

/** What a running job, or the phase of one, has cost and will soon. */
export interface Spending {
  /** Of the job's earlier phases. */
  readonly fuelBefore: bigint;
  readonly fuel: bigint;
  readonly unitsDone: number;
  /** At terminals now: they will be paid for. */
  readonly unitsOut: number;
  readonly unitCount: number;
  /** Tax included. */
  readonly maxPriceMilli: bigint;
  readonly rate: PriceRate & { readonly taxBasisPoints: number };
}

/**
 * Whether one more unit may be handed out: true while what is accepted, what is out and one unit more, at the mean fuel
 * so far, cost no more than the job may. A forecast: units differ. The invoice keeps the bound exactly (job-limit.ts),
 * and what was computed beyond it is the contractor's loss, so this keeps that small.
 */
export function mayGoOn({ fuelBefore, fuel, unitsDone, unitsOut, unitCount, ...bound }: Spending): boolean {
  const unitsLeft = unitCount - unitsDone;
  if (unitsLeft <= 0) {
    return true;
  }
  const unitsAhead = BigInt(Math.min(unitsOut + 1, unitsLeft));
  const fuelAhead = unitsDone === 0 ? 0n : (fuel * unitsAhead) / BigInt(unitsDone);
  const { rate, maxPriceMilli } = bound;
  const amountMilli = priceOf(fuelBefore + fuel + fuelAhead, rate);
  return totalsOf([amountMilli], rate.taxBasisPoints).total <= maxPriceMilli;
}
