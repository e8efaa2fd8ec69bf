/** The postings of each event in a vendor's book: the mirror of what the contractor owes it, and its own sales. Pure. */
import { accountCode } from './account.ts';
import { credit, debit, type Posting, withoutZeros } from './journal.ts';
import type { Currency } from './money.ts';

/** A license was supplied, or a license-month was served: the contractor owes the fee. Mirrors `licenseFeeAccrued`. */
export function licenseFeeEarned(event: { net: bigint; tax: bigint; currency: Currency }): Posting[] {
  const { net, tax, currency } = event;
  return withoutZeros([
    debit('receivable:contractor', currency, net + tax),
    credit('revenue:license', currency, net),
    credit('tax:out', currency, tax),
  ]);
}

/**
 * An order was completed. The member owes the price less the discount, the contractor exactly the discount
 * (mirrors `checkoutCaptured`); `price` includes `tax`, and the discount leaves the tax on the sale as it is.
 */
export function orderCompleted(event: {
  member: string;
  price: bigint;
  tax: bigint;
  discount: bigint;
  currency: Currency;
}): Posting[] {
  const { member, price, tax, discount, currency } = event;
  if (discount < 0n || discount > price) throw new RangeError('A discount is between nothing and the price.');
  return withoutZeros([
    debit(accountCode.receivableFromMember(member), currency, price - discount),
    debit('receivable:contractor', currency, discount),
    credit('revenue:sales', currency, price - tax),
    credit('tax:out', currency, tax),
  ]);
}

/** A member paid the rest of an order. */
export function memberPaid(event: { member: string; amount: bigint; currency: Currency }): Posting[] {
  return withoutZeros([
    debit('cash', event.currency, event.amount),
    credit(accountCode.receivableFromMember(event.member), event.currency, event.amount),
  ]);
}

/** A member was paid back for a refunded order. */
export function memberPaidBack(event: { member: string; amount: bigint; currency: Currency }): Posting[] {
  return withoutZeros([
    debit(accountCode.receivableFromMember(event.member), event.currency, event.amount),
    credit('cash', event.currency, event.amount),
  ]);
}

/** The contractor paid what it owed. */
export function contractorPaid(event: { amount: bigint; currency: Currency }): Posting[] {
  return withoutZeros([
    debit('cash', event.currency, event.amount),
    credit('receivable:contractor', event.currency, event.amount),
  ]);
}
