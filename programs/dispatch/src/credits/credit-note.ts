import { taxOn } from '@taika/ledger/tax';

/** What was invoiced, and credited so far, in thousandths of the smallest coin. */
export interface Creditable {
  readonly netMilli: bigint;
  readonly taxBasisPoints: number;
  readonly creditedNetMilli: bigint;
  readonly creditedTaxMilli: bigint;
}

/** What a credit note says. */
export interface CreditTotals {
  readonly net: bigint;
  readonly tax: bigint;
  readonly total: bigint;
}

/**
 * The totals of the next credit note of an invoice. Its tax is that of everything credited so far less what was credited
 * before: however an invoice is credited in parts, the parts' tax is the tax of their sum, and never more than the invoice's.
 */
export function creditTotals(
  net: bigint,
  { taxBasisPoints, creditedNetMilli, creditedTaxMilli }: Creditable,
): CreditTotals {
  const tax = taxOn(creditedNetMilli + net, taxBasisPoints) - creditedTaxMilli;
  return { net, tax, total: net + tax };
}

/** What can still be credited, before tax. */
export function creditableNet({ netMilli, creditedNetMilli }: Creditable): bigint {
  return netMilli - creditedNetMilli;
}
