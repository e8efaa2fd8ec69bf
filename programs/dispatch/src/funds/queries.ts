import type { SqlOrTransaction, Transaction } from '@taika/database/connect';

/** A row of `payment`. */
export interface PaymentRow {
  readonly id: string;
  readonly customerNumber: bigint;
  readonly kind: 'deposit' | 'payment' | 'return';
  readonly currency: string;
  readonly amountMilli: bigint;
  readonly settledMilli: bigint;
  readonly reference: string | null;
  readonly receivedAt: Date;
}

/** Locks a customer until the transaction ends: what it pays, owes and is credited with is decided one after the other. */
export async function lockCustomer(
  tx: Transaction,
  customerId: string,
): Promise<{ readonly number: bigint; readonly currency: string } | undefined> {
  const [row] = await tx<{ number: bigint; currency: string }[]>`
    select number, currency
    from customer
    where id = ${customerId}
    for no key update
  `;
  return row;
}

/** The payment with this id. */
export async function findPayment(sql: SqlOrTransaction, id: string): Promise<PaymentRow | undefined> {
  const [row] = await sql<PaymentRow[]>`
    select id, customer_number, kind, currency, amount_milli, settled_milli, reference, received_at
    from payment
    where id = ${id}
  `;
  return row;
}

/** Stores a payment. */
export async function insertPayment(tx: Transaction, payment: PaymentRow): Promise<void> {
  await tx`
    insert into payment (id, customer_number, kind, currency, amount_milli, settled_milli, reference, received_at)
    values (
      ${payment.id}, ${payment.customerNumber}, ${payment.kind}, ${payment.currency}, ${payment.amountMilli},
      ${payment.settledMilli}, ${payment.reference}, ${payment.receivedAt}
    )
  `;
}

/** A row of `credit_limit`. */
export interface CreditLimitRow {
  readonly id: string;
  readonly customerNumber: bigint;
  readonly currency: string;
  readonly limitMilli: bigint;
  readonly changeMilli: bigint;
  readonly setAt: Date;
}

/** The limit that was set under this id. */
export async function findCreditLimit(
  sql: SqlOrTransaction,
  id: string,
): Promise<CreditLimitRow | undefined> {
  const [row] = await sql<CreditLimitRow[]>`
    select id, customer_number, currency, limit_milli, change_milli, set_at
    from credit_limit
    where id = ${id}
  `;
  return row;
}

/** How far a customer may owe at present: 0 if nobody ever said. */
export async function readCreditLimit(sql: SqlOrTransaction, customerNumber: bigint): Promise<bigint> {
  const [row] = await sql<{ limitMilli: bigint }[]>`
    select limit_milli
    from credit_limit
    where customer_number = ${customerNumber}
    order by number desc
    limit 1
  `;
  return row?.limitMilli ?? 0n;
}

/** Puts a limit in force. */
export async function insertCreditLimit(tx: Transaction, limit: CreditLimitRow): Promise<void> {
  await tx`
    insert into credit_limit (id, customer_number, currency, limit_milli, change_milli, set_at)
    values (
      ${limit.id}, ${limit.customerNumber}, ${limit.currency}, ${limit.limitMilli}, ${limit.changeMilli}, ${limit.setAt}
    )
  `;
}
