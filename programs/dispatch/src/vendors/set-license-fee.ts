import type { Transaction } from '@taika/database/connect';
import { inTransaction } from '@taika/database/transaction';
import { ApiError } from '@taika/http/api-error';
import type { DispatchContext } from '../context.ts';
import { type FeeTerms, type LicenseFee, readTerms } from './license-fee.ts';
import { earliestMonth, isSameTerms, monthOf, termsInMonth } from './license-terms.ts';
import { findVendor, hasRegistrations, insertProductTerms, listProductTerms, lockTerms } from './queries.ts';

/** What an operator says of a product's terms. */
export interface WantedTerms {
  readonly vendorId: string;
  readonly product: string;
  readonly licenseFee: LicenseFee;
  /** The month from which they count; the first possible one where absent. */
  readonly from?: string | undefined;
}

/**
 * Sets what a vendor's contract pays for one product from a month on, and gives that month. What counted before stays and decides
 * what was earned before. Terms that are set already change nothing. Throws `wrong-state` for a month that has begun, where the product has registrations.
 */
export async function setLicenseFee(
  { sql, clock, contractor }: DispatchContext,
  { vendorId, product, licenseFee, from }: WantedTerms,
): Promise<{ readonly fromMonth: string }> {
  const terms = readTerms(licenseFee, contractor.currency);
  return inTransaction(sql, async (tx) => {
    const vendor = await findVendor(tx, vendorId);
    if (vendor === undefined) {
      throw new ApiError('not-found', 'There is no vendor with this id.');
    }
    await lockTerms(tx, vendor.number);
    const now = clock.now();
    const known = await findSame(tx, { vendorNumber: vendor.number, product, terms, from, now });
    if (known !== undefined) {
      return { fromMonth: known };
    }
    const isInUse = await hasRegistrations(tx, { vendorNumber: vendor.number, product });
    const earliest = earliestMonth(now, { isInUse });
    const fromMonth = from ?? earliest;
    if (fromMonth < earliest) {
      throw new ApiError(
        'wrong-state',
        isInUse
          ? `${product} has registrations, so new terms count from a month that has not begun: ${earliest} or later.`
          : `New terms count from ${earliest} or later.`,
      );
    }
    await insertProductTerms(tx, vendor.number, { product, ...terms, fromMonth, changedAt: now });
    return { fromMonth };
  });
}

/** The month from which the same terms count already, in the wanted month or else at present, and with no others after it. */
async function findSame(
  tx: Transaction,
  {
    vendorNumber,
    product,
    terms,
    from,
    now,
  }: {
    readonly vendorNumber: bigint;
    readonly product: string;
    readonly terms: FeeTerms;
    readonly from: string | undefined;
    readonly now: Date;
  },
): Promise<string | undefined> {
  const all = (await listProductTerms(tx, [vendorNumber])).get(vendorNumber) ?? [];
  const last = all.findLast((each) => each.product === product);
  const known = from === undefined ? last : termsInMonth(all, { product, month: from });
  return known !== undefined && isSameTerms(known, terms)
    ? (known.fromMonth ?? from ?? monthOf(now))
    : undefined;
}
