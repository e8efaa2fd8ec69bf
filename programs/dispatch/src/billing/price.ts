import { priceOf as amountOf } from '@taika/ledger/money';
import { type InvoiceTotals, invoiceTotals } from '@taika/ledger/tax';
import type { RateCardRow } from '../rates/queries.ts';

/** The part of a rate card that prices come from. */
export type PriceRate = Pick<RateCardRow, 'priceMilli' | 'perFuel'>;

/**
 * What canonical fuel costs before tax, in thousandths of the smallest coin. Redundant copies are not in the canonical
 * fuel: they are the contractor's cost. Worked out from the sum, not by adding up prices of units, so it does not depend
 * on how a job was split.
 */
export function priceOf(fuel: bigint, { priceMilli, perFuel }: PriceRate): bigint {
  return amountOf(fuel, { price: priceMilli, per: perFuel });
}

/** The totals of an invoice: rounded to whole coins once, and the tax once for its rate. */
export function totalsOf(amountsMilli: readonly bigint[], taxBasisPoints: number): InvoiceTotals {
  return invoiceTotals(amountsMilli.map((amount) => ({ amount, rateBasisPoints: taxBasisPoints })));
}
