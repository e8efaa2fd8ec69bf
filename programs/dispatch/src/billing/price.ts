import { priceOf as amountOf } from '@taika/ledger/money';
import { type InvoiceTotals, invoiceTotals } from '@taika/ledger/tax';
import { type JobFactor, jobFactorOf, type WantedTrust } from '@taika/protocol/trust-prices';
import type { RateCardRow } from '../rates/queries.ts';

/** What a job's prices come from: a rate card, and the card's factor for the job's trust level. */
export type PriceRate = Pick<RateCardRow, 'priceMilli' | 'perFuel'> & Pick<JobFactor, 'factorThousandths'>;

/**
 * What canonical fuel costs before tax, in thousandths of the smallest coin. Redundant copies are not in the canonical
 * fuel: the factor is what is paid for them, whatever they took. Worked out from the sum, not by adding up prices of
 * units, so it does not depend on how a job was split. The only formula: the running price, the bound on spending, the
 * invoice and its corrections are worked out here, and a quote by the same function of the ledger.
 */
export function priceOf(fuel: bigint, { priceMilli, perFuel, factorThousandths }: PriceRate): bigint {
  return amountOf(fuel, { price: priceMilli, per: perFuel, factorThousandths });
}

/** A rate card as it applies to a job, by what its file says about trust. */
export function rateFor<C extends Pick<RateCardRow, 'priceMilli' | 'perFuel' | 'levelFactors'>>(
  card: C,
  job: WantedTrust,
): C & JobFactor {
  return { ...card, ...jobFactorOf(job, card.levelFactors) };
}

/** The totals of an invoice: rounded to whole coins once, and the tax once for its rate. */
export function totalsOf(amountsMilli: readonly bigint[], taxBasisPoints: number): InvoiceTotals {
  return invoiceTotals(amountsMilli.map((amount) => ({ amount, rateBasisPoints: taxBasisPoints })));
}
