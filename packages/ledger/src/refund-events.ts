/** The postings of a refund in both companies' books: points go back, and the vendor owes what they were worth. Pure. */
import { accountCode } from './account.ts';
import type { HeldPart } from './events.ts';
import { credit, debit, type Posting, withoutZeros } from './journal.ts';
import type { Currency } from './money.ts';
import { POINTS, pointsWorth } from './points.ts';

/**
 * Points of an order go back to the member's buckets. What the member still owes for points taken back earlier
 * (`debtRepaid`) is settled first: it was the cost of wrong results, which is thereby recovered. The vendor was owed the
 * worth of the points, and owes it now.
 */
export function pointsRefunded(event: {
  member: string;
  vendor: string;
  parts: readonly HeldPart[];
  debtRepaid: bigint;
  currency: Currency;
}): Posting[] {
  const { member, vendor, parts, debtRepaid, currency } = event;
  const kept = parts.reduce((total, part) => total + part.amount, 0n);
  const worth = (points: bigint) => pointsWorth(points, currency);
  return withoutZeros([
    debit('points:redeemed', POINTS, kept + debtRepaid),
    ...parts.map((part) => credit(part.account, POINTS, part.amount)),
    credit(accountCode.pointsDebt(member), POINTS, debtRepaid),
    debit(accountCode.receivableFromVendor(vendor, 'accrued'), currency, worth(kept + debtRepaid)),
    credit('provision:points', currency, worth(kept)),
    credit('cost:points', currency, worth(debtRepaid)),
  ]);
}

/**
 * The vendor's side: the sale is taken back, with the tax that is in it. The member gets back `amount` less `discount` in
 * money, the contractor the discount. Mirrors `pointsRefunded`.
 */
export function orderRefunded(event: {
  member: string;
  amount: bigint;
  tax: bigint;
  discount: bigint;
  currency: Currency;
}): Posting[] {
  const { member, amount, tax, discount, currency } = event;
  if (discount < 0n || discount > amount)
    throw new RangeError('A discount given back is between nothing and the refund.');
  return withoutZeros([
    debit('revenue:sales', currency, amount - tax),
    debit('tax:out', currency, tax),
    credit(accountCode.receivableFromMember(member), currency, amount - discount),
    credit('receivable:contractor', currency, discount),
  ]);
}

/** A vendor answered refunds on a claim: those it confirmed can be set off, those it disputed wait apart. */
export function refundsAnswered(event: {
  vendor: string;
  confirmed: bigint;
  disputed: bigint;
  currency: Currency;
}): Posting[] {
  const { vendor, confirmed, disputed, currency } = event;
  return withoutZeros([
    debit(accountCode.receivableFromVendor(vendor, 'invoiced'), currency, confirmed),
    debit(accountCode.receivableFromVendor(vendor, 'disputed'), currency, disputed),
    credit(accountCode.receivableFromVendor(vendor, 'accrued'), currency, confirmed + disputed),
  ]);
}

/** A disputed refund stands after all. */
export function refundStands(event: { vendor: string; amount: bigint; currency: Currency }): Posting[] {
  const { vendor, amount, currency } = event;
  return withoutZeros([
    debit(accountCode.receivableFromVendor(vendor, 'invoiced'), currency, amount),
    credit(accountCode.receivableFromVendor(vendor, 'disputed'), currency, amount),
  ]);
}

/** What a vendor owes for refunds lessens what it is paid. */
export function refundsSetOff(event: { vendor: string; amount: bigint; currency: Currency }): Posting[] {
  const { vendor, amount, currency } = event;
  return withoutZeros([
    debit(accountCode.payableToVendor(vendor, 'invoiced'), currency, amount),
    credit(accountCode.receivableFromVendor(vendor, 'invoiced'), currency, amount),
  ]);
}
