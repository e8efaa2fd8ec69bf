/** The postings of what a claim's total is beyond the sum of its lines: the tax, and the rounding to whole coins. Pure. */
import { accountCode } from './account.ts';
import { credit, debit, type Posting, withoutZeros } from './journal.ts';
import type { Currency } from './money.ts';
import { invoiceTotals, type TaxableLine } from './tax.ts';

/** What a total is beyond the sum of its lines; the rounding may be below zero. */
export type BeyondLines = Readonly<{ tax: bigint; rounding: bigint }>;

/** Tax once for each rate, and the rounding of each rate's net. */
export function beyondLines(lines: readonly TaxableLine[]): BeyondLines {
  const { net, tax } = invoiceTotals(lines);
  return { tax, rounding: net - lines.reduce((sum, { amount }) => sum + amount, 0n) };
}

/** Tax and rounding of a vendor's claim are owed like its confirmed lines. */
export function claimTotalOwed(event: { vendor: string; currency: Currency } & BeyondLines): Posting[] {
  const { vendor, currency, tax, rounding } = event;
  return withoutZeros([
    debit('tax:in', currency, tax),
    ...signed('rounding', currency, rounding),
    ...signed(accountCode.payableToVendor(vendor, 'invoiced'), currency, -(tax + rounding)),
  ]);
}

/** The vendor's side of `claimTotalOwed`. */
export function claimTotalEarned(event: { currency: Currency } & BeyondLines): Posting[] {
  const { currency, tax, rounding } = event;
  return withoutZeros([
    ...signed('receivable:contractor', currency, tax + rounding),
    credit('tax:out', currency, tax),
    ...signed('rounding', currency, -rounding),
  ]);
}

/** On the debit side above zero, on the credit side below. */
function signed(account: string, currency: Currency, amount: bigint): Posting[] {
  return [amount < 0n ? credit(account, currency, -amount) : debit(account, currency, amount)];
}
