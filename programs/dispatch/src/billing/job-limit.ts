import { netWithin } from '@taika/ledger/tax';
import { totalsOf } from './price.ts';

/** What a job may cost, tax included, in thousandths of the smallest coin: as its customer says, else as the contractor does. */
export function maxPriceOf(
  wantedMilli: bigint | undefined,
  { jobLimitMilli, priceMilli }: { readonly jobLimitMilli: bigint; readonly priceMilli: bigint },
): bigint | undefined {
  // Free work needs no money: nothing is held for it.
  return priceMilli === 0n ? undefined : (wantedMilli ?? jobLimitMilli);
}

/** The totals of one job's invoice, within what it may cost; `beyondMilli` is the fuel's worth that is not charged for that reason. */
export interface JobTotals {
  readonly amountMilli: bigint;
  readonly beyondMilli: bigint;
  readonly net: bigint;
  readonly tax: bigint;
  readonly total: bigint;
}

/** Prices a job. The total is never beyond `maxPriceMilli`, whatever was computed: the contractor bears the rest. */
export function jobTotals(
  amountMilli: bigint,
  { taxBasisPoints, maxPriceMilli }: { readonly taxBasisPoints: number; readonly maxPriceMilli: bigint },
): JobTotals {
  const full = totalsOf([amountMilli], taxBasisPoints);
  if (full.total <= maxPriceMilli) {
    return { amountMilli, beyondMilli: 0n, net: full.net, tax: full.tax, total: full.total };
  }
  const charged = netWithin(maxPriceMilli, taxBasisPoints);
  const { net, tax, total } = totalsOf([charged], taxBasisPoints);
  return { amountMilli: charged, beyondMilli: amountMilli - charged, net, tax, total };
}
