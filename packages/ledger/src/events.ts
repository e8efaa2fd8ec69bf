/**
 * The postings of each event in the contractor's book, from the table in docs/LEDGER.md: pure, one function per event.
 * The vendor's side of the same events is in vendor-events.ts. Lines of amount zero are left out.
 */
import { accountCode } from './account.ts';
import { credit, debit, type Posting, withoutZeros } from './journal.ts';
import type { Currency } from './money.ts';
import { POINTS, pointsWorth } from './points.ts';

/** A terminal's result was accepted: points wait in escrow until the result is final. */
export function pointsPending({ member, points }: { member: string; points: bigint }): Posting[] {
  return withoutZeros([
    debit('points:issued', POINTS, points),
    credit(accountCode.pointsInEscrow(member), POINTS, points),
  ]);
}

/**
 * A result became final: its points leave escrow for the bucket of their month, and the provision grows by their worth.
 * What the member still owes from points taken back earlier (`debtRepaid` ≤ points) is settled first.
 */
export function pointsFinal(event: {
  member: string;
  month: string;
  points: bigint;
  currency: Currency;
  debtRepaid?: bigint;
}): Posting[] {
  const { member, month, points, currency, debtRepaid = 0n } = event;
  if (debtRepaid < 0n || debtRepaid > points)
    throw new RangeError('A debt is repaid from the points that became final.');
  const kept = points - debtRepaid;
  return withoutZeros([
    debit(accountCode.pointsInEscrow(member), POINTS, points),
    credit(accountCode.pointsDebt(member), POINTS, debtRepaid),
    credit(accountCode.pointsOfMember(member, month), POINTS, kept),
    debit('cost:points', currency, pointsWorth(kept, currency)),
    credit('provision:points', currency, pointsWorth(kept, currency)),
  ]);
}

/** A result became final whose member registered for an application: its points are evidence for the license, and never spent. */
export function pointsServed({ member, points }: { member: string; points: bigint }): Posting[] {
  return withoutZeros([
    debit(accountCode.pointsInEscrow(member), POINTS, points),
    credit(accountCode.pointsOfEvidence(member), POINTS, points),
  ]);
}

/** Evidence was found wrong: it counts no more. */
export function evidenceClawedBack({ member, points }: { member: string; points: bigint }): Posting[] {
  return withoutZeros([
    debit(accountCode.pointsOfEvidence(member), POINTS, points),
    credit('points:clawback', POINTS, points),
  ]);
}

/** A result was found wrong while its points were in escrow: they are gone. */
export function pointsForfeited({ member, points }: { member: string; points: bigint }): Posting[] {
  return withoutZeros([
    debit(accountCode.pointsInEscrow(member), POINTS, points),
    credit('points:clawback', POINTS, points),
  ]);
}

/** A result was found wrong after it was final: taken from the buckets up to what is there, the rest becomes a debt. */
export function pointsClawedBack(event: {
  member: string;
  fromBuckets: readonly HeldPart[];
  debt: bigint;
  currency: Currency;
}): Posting[] {
  const { member, fromBuckets, debt, currency } = event;
  const taken = sum(fromBuckets);
  return withoutZeros([
    ...fromBuckets.map((part) => debit(part.account, POINTS, part.amount)),
    debit(accountCode.pointsDebt(member), POINTS, debt),
    credit('points:clawback', POINTS, taken + debt),
    debit('provision:points', currency, pointsWorth(taken, currency)),
    credit('cost:points', currency, pointsWorth(taken, currency)),
  ]);
}

/** What a member owed is taken from points that came free: it is owed no more, and what these had cost is taken back. */
export function debtSettled(event: {
  member: string;
  fromBuckets: readonly HeldPart[];
  currency: Currency;
}): Posting[] {
  const { member, fromBuckets, currency } = event;
  const taken = sum(fromBuckets);
  return withoutZeros([
    ...fromBuckets.map((part) => debit(part.account, POINTS, part.amount)),
    credit(accountCode.pointsDebt(member), POINTS, taken),
    debit('provision:points', currency, pointsWorth(taken, currency)),
    credit('cost:points', currency, pointsWorth(taken, currency)),
  ]);
}

/** A bucket's month is over: what is left, and not held, becomes the contractor's income. */
export function pointsExpired(event: {
  member: string;
  month: string;
  points: bigint;
  currency: Currency;
}): Posting[] {
  const { member, month, points, currency } = event;
  return withoutZeros([
    debit(accountCode.pointsOfMember(member, month), POINTS, points),
    credit('points:expired', POINTS, points),
    debit('provision:points', currency, pointsWorth(points, currency)),
    credit('income:breakage', currency, pointsWorth(points, currency)),
  ]);
}

/** One account's share of a hold, or of what is drawn from it. */
export type HeldPart = Readonly<{ account: string; amount: bigint }>;

/** An order with points was completed: the captured points are redeemed, and the vendor is owed exactly their worth. */
export function checkoutCaptured(event: {
  vendor: string;
  parts: readonly HeldPart[];
  currency: Currency;
}): Posting[] {
  const { vendor, parts, currency } = event;
  const points = sum(parts);
  return withoutZeros([
    ...parts.map((part) => debit(part.account, POINTS, part.amount)),
    credit('points:redeemed', POINTS, points),
    debit('provision:points', currency, pointsWorth(points, currency)),
    credit(accountCode.payableToVendor(vendor, 'accrued'), currency, pointsWorth(points, currency)),
  ]);
}

/** A customer paid in advance. */
export function customerToppedUp(event: { customer: string; amount: bigint; currency: Currency }): Posting[] {
  return withoutZeros([
    debit('cash', event.currency, event.amount),
    credit(accountCode.deposit(event.customer), event.currency, event.amount),
  ]);
}

/** A customer was given credit, so that jobs can be accepted before they are paid. A memo: no money moves. */
export function creditGranted(event: { customer: string; amount: bigint; currency: Currency }): Posting[] {
  return withoutZeros([
    debit('memo:credit', event.currency, event.amount),
    credit(accountCode.creditLimit(event.customer), event.currency, event.amount),
  ]);
}

/** A customer's credit was lessened, by no more than is free. The mirror of `creditGranted`. */
export function creditWithdrawn(event: { customer: string; amount: bigint; currency: Currency }): Posting[] {
  return withoutZeros([
    debit(accountCode.creditLimit(event.customer), event.currency, event.amount),
    credit('memo:credit', event.currency, event.amount),
  ]);
}

/** A customer was given back what it had paid in advance. */
export function depositReturned(event: { customer: string; amount: bigint; currency: Currency }): Posting[] {
  return withoutZeros([
    debit(accountCode.deposit(event.customer), event.currency, event.amount),
    credit('cash', event.currency, event.amount),
  ]);
}

/** A job is done and invoiced. `net` and `tax` are the invoice's totals; the receivable stays until it is settled. */
export function jobInvoiced(event: {
  customer: string;
  net: bigint;
  tax: bigint;
  currency: Currency;
}): Posting[] {
  const { customer, net, tax, currency } = event;
  return withoutZeros([
    debit(accountCode.receivableFromCustomer(customer), currency, net + tax),
    credit('revenue:compute', currency, net),
    credit('tax:out', currency, tax),
  ]);
}

/**
 * Invoicing and capturing in one journal: what was held on the deposit (`fromDeposit` ≤ total) pays the receivable at once;
 * the rest was held on the credit limit and uses it up until the customer pays (`customerPaid`).
 */
export function jobInvoicedFromHold(event: {
  customer: string;
  net: bigint;
  tax: bigint;
  currency: Currency;
  fromDeposit: bigint;
}): Posting[] {
  const { customer, net, tax, currency, fromDeposit } = event;
  const onCredit = net + tax - fromDeposit;
  if (fromDeposit < 0n || onCredit < 0n) throw new RangeError('A deposit pays at most the total.');
  return withoutZeros([
    ...jobInvoiced({ customer, net, tax, currency }),
    debit(accountCode.deposit(customer), currency, fromDeposit),
    credit(accountCode.receivableFromCustomer(customer), currency, fromDeposit),
    debit(accountCode.creditLimit(customer), currency, onCredit),
    credit('memo:credit', currency, onCredit),
  ]);
}

/**
 * An invoice was credited, in full or in part: what is owed is lessened, and the credit it used up is there again; what
 * was paid (`toDeposit` ≤ total) goes to the deposit.
 */
export function customerCredited(event: {
  customer: string;
  net: bigint;
  tax: bigint;
  currency: Currency;
  toDeposit: bigint;
}): Posting[] {
  const { customer, net, tax, currency, toDeposit } = event;
  const owedLess = net + tax - toDeposit;
  if (toDeposit < 0n || owedLess < 0n) throw new RangeError('At most the total goes to the deposit.');
  return withoutZeros([
    debit('revenue:compute', currency, net),
    debit('tax:out', currency, tax),
    credit(accountCode.receivableFromCustomer(customer), currency, owedLess),
    debit('memo:credit', currency, owedLess),
    credit(accountCode.creditLimit(customer), currency, owedLess),
    credit(accountCode.deposit(customer), currency, toDeposit),
  ]);
}

/** A customer paid an invoice that had used up credit: the credit is there again. */
export function customerPaid(event: { customer: string; amount: bigint; currency: Currency }): Posting[] {
  const { customer, amount, currency } = event;
  return withoutZeros([
    debit('cash', currency, amount),
    credit(accountCode.receivableFromCustomer(customer), currency, amount),
    debit('memo:credit', currency, amount),
    credit(accountCode.creditLimit(customer), currency, amount),
  ]);
}

/** A license was supplied, or a license-month was served: the vendor may claim the fee. */
export function licenseFeeAccrued(event: {
  vendor: string;
  net: bigint;
  tax: bigint;
  currency: Currency;
}): Posting[] {
  const { vendor, net, tax, currency } = event;
  return withoutZeros([
    debit('cost:license', currency, net),
    debit('tax:in', currency, tax),
    credit(accountCode.payableToVendor(vendor, 'accrued'), currency, net + tax),
  ]);
}

/** A vendor's invoice agrees with what we accrued. */
export function vendorInvoiceMatched(event: {
  vendor: string;
  amount: bigint;
  currency: Currency;
}): Posting[] {
  return withoutZeros([
    debit(accountCode.payableToVendor(event.vendor, 'accrued'), event.currency, event.amount),
    credit(accountCode.payableToVendor(event.vendor, 'invoiced'), event.currency, event.amount),
  ]);
}

/** A vendor was paid. */
export function vendorPaid(event: { vendor: string; amount: bigint; currency: Currency }): Posting[] {
  return withoutZeros([
    debit(accountCode.payableToVendor(event.vendor, 'invoiced'), event.currency, event.amount),
    credit('cash', event.currency, event.amount),
  ]);
}

function sum(parts: readonly HeldPart[]): bigint {
  return parts.reduce((total, part) => total + part.amount, 0n);
}
