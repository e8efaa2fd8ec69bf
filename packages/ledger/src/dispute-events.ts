/** The postings of a self-billed claim: what a vendor confirms is invoiced, what it disputes waits apart. Pure. */
import { accountCode } from './account.ts';
import { credit, debit, type Posting, withoutZeros } from './journal.ts';
import type { Currency } from './money.ts';

/** A vendor answered lines of a document: those it confirmed are invoiced, those it disputed are kept apart until that is settled. */
export function claimsAnswered(event: {
  vendor: string;
  confirmed: bigint;
  disputed: bigint;
  currency: Currency;
}): Posting[] {
  const { vendor, confirmed, disputed, currency } = event;
  return withoutZeros([
    debit(accountCode.payableToVendor(vendor, 'accrued'), currency, confirmed + disputed),
    credit(accountCode.payableToVendor(vendor, 'invoiced'), currency, confirmed),
    credit(accountCode.payableToVendor(vendor, 'disputed'), currency, disputed),
  ]);
}

/** The amount of a disputed line stands after all. */
export function disputeWithdrawn(event: { vendor: string; amount: bigint; currency: Currency }): Posting[] {
  const { vendor, amount, currency } = event;
  return withoutZeros([
    debit(accountCode.payableToVendor(vendor, 'disputed'), currency, amount),
    credit(accountCode.payableToVendor(vendor, 'invoiced'), currency, amount),
  ]);
}

/** A disputed license fee is not owed: its cost is taken back. */
export function feeDropped(event: { vendor: string; amount: bigint; currency: Currency }): Posting[] {
  const { vendor, amount, currency } = event;
  return withoutZeros([
    debit(accountCode.payableToVendor(vendor, 'disputed'), currency, amount),
    credit('cost:license', currency, amount),
  ]);
}

/** The vendor's side of `feeDropped`: the fee is not earned. */
export function feeGivenUp(event: { amount: bigint; currency: Currency }): Posting[] {
  const { amount, currency } = event;
  return withoutZeros([
    debit('revenue:license', currency, amount),
    credit('receivable:contractor', currency, amount),
  ]);
}
