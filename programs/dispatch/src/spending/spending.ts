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
export function mayGoOn(spending: Spending): boolean {
  return (
    spending.unitCount <= spending.unitsDone ||
    totalWith(spending, spending.unitsOut + 1) <= spending.maxPriceMilli
  );
}

/** What a job may not cost less than from now on: what is accepted and what is out at terminals, tax included. */
export function lowestMaxPrice(spending: Omit<Spending, 'maxPriceMilli'>): bigint {
  return totalWith(spending, spending.unitsOut);
}

/** What a paused job has to be allowed for one unit more, and for the rest of it or of the phase it is at; tax included. */
export function neededMaxPrice(spending: Omit<Spending, 'maxPriceMilli'>): {
  readonly toGoOn: bigint;
  readonly toEnd: bigint;
} {
  return {
    toGoOn: totalWith(spending, spending.unitsOut + 1),
    toEnd: totalWith(spending, spending.unitCount),
  };
}

/** The invoice's total if so many units more were computed, at the mean fuel so far. */
function totalWith(
  { fuelBefore, fuel, unitsDone, unitCount, rate }: Omit<Spending, 'maxPriceMilli'>,
  unitsMore: number,
): bigint {
  const unitsAhead = BigInt(Math.max(0, Math.min(unitsMore, unitCount - unitsDone)));
  const fuelAhead = unitsDone === 0 ? 0n : (fuel * unitsAhead) / BigInt(unitsDone);
  return totalsOf([priceOf(fuelBefore + fuel + fuelAhead, rate)], rate.taxBasisPoints).total;
}
