import type { Transaction } from '@taika/database/connect';
import { inTransaction } from '@taika/database/transaction';
import { ApiError } from '@taika/http/api-error';
import { customerPaid, customerToppedUp, depositReturned } from '@taika/ledger/events';
import type { Posting } from '@taika/ledger/journal';
import { formatMoney } from '@taika/ledger/money';
import { post } from '@taika/ledger/post';
import type { DispatchContext } from '../context.ts';
import { checkAmount, type MoneyGiven } from './check-amount.ts';
import { findPayment, insertPayment, lockCustomer, type PaymentRow } from './queries.ts';
import { readOwed } from './read-funds.ts';

/** What the operator says of a payment. */
export interface NewPayment {
  readonly paymentId: string;
  readonly customerId: string;
  readonly kind: PaymentRow['kind'];
  readonly amount: MoneyGiven;
  readonly reference?: string | undefined;
}

/**
 * Books money that a customer paid, or was paid back. A `payment` settles what is owed, and the rest of it goes to the
 * deposit. A repeated call gives the first answer. Throws `conflict` when more is to be returned than is free.
 */
export function recordPayment(context: DispatchContext, wanted: NewPayment): Promise<PaymentRow> {
  const amountMilli = checkAmount(context, wanted.amount);
  return inTransaction(context.sql, async (tx) => {
    const customer = await lockCustomer(tx, wanted.customerId);
    if (customer === undefined) {
      throw new ApiError('not-found', 'There is no customer with this id.');
    }
    const customerNumber = customer.number;
    const known = await findPayment(tx, wanted.paymentId);
    if (known !== undefined) {
      return sameOrConflict(known, wanted, { customerNumber, amountMilli });
    }
    const { currency } = context.contractor;
    const owed = wanted.kind === 'payment' ? await readOwed(tx, { customerNumber, currency }) : 0n;
    const payment: PaymentRow = {
      id: wanted.paymentId,
      customerNumber,
      kind: wanted.kind,
      currency,
      amountMilli,
      settledMilli: owed < amountMilli ? owed : amountMilli,
      reference: wanted.reference ?? null,
      receivedAt: context.clock.now(),
    };
    await book(tx, payment);
    await insertPayment(tx, payment);
    return payment;
  });
}

async function book(tx: Transaction, payment: PaymentRow): Promise<void> {
  const { id, kind, currency, amountMilli, settledMilli, receivedAt } = payment;
  const outcome = await post(tx, {
    idempotencyKey: `payment:${id}`,
    event: `customer-${kind}`,
    command: {
      payment: id,
      customer: String(payment.customerNumber),
      kind,
      amount: amountMilli,
      settled: settledMilli,
    },
    at: receivedAt,
    postings: postingsOf(payment),
  });
  if (outcome.kind === 'refused') {
    const free = amountMilli - (outcome.shortBy ?? 0n);
    throw new ApiError(
      'conflict',
      `Only ${formatMoney(free, currency)} ${currency} of the deposit are free to be returned.`,
    );
  }
  if (outcome.kind !== 'posted') {
    throw new ApiError('idempotency-conflict', 'This payment id was used for another payment.');
  }
}

function postingsOf({
  customerNumber,
  kind,
  currency,
  amountMilli,
  settledMilli,
}: PaymentRow): readonly Posting[] {
  const customer = String(customerNumber);
  switch (kind) {
    case 'deposit':
      return customerToppedUp({ customer, amount: amountMilli, currency });
    case 'payment':
      return [
        ...customerPaid({ customer, amount: settledMilli, currency }),
        ...customerToppedUp({ customer, amount: amountMilli - settledMilli, currency }),
      ];
    case 'return':
      return depositReturned({ customer, amount: amountMilli, currency });
  }
}

function sameOrConflict(
  known: PaymentRow,
  wanted: NewPayment,
  { customerNumber, amountMilli }: { customerNumber: bigint; amountMilli: bigint },
): PaymentRow {
  const isSame =
    known.customerNumber === customerNumber &&
    known.kind === wanted.kind &&
    known.amountMilli === amountMilli &&
    known.reference === (wanted.reference ?? null);
  if (!isSame) {
    throw new ApiError('idempotency-conflict', 'This payment id was used for another payment.');
  }
  return known;
}
