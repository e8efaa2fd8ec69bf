import type { Sql, SqlOrTransaction, Transaction } from '@taika/database/connect';
import type { ReasonText } from '@taika/protocol/schema';
import type { RefundParts } from './refund.ts';

/** A refund as its row has it. */
export interface RefundRow extends RefundParts {
  readonly id: string;
  readonly orderId: string;
  /** Null where all that was left was asked for. */
  readonly askedMilli: bigint | null;
  readonly state: 'pending' | 'done' | 'refused';
  readonly reason: ReasonText | null;
  readonly attempts: number;
  readonly requestedAt: Date;
  readonly endedAt: Date | null;
}

const columns = [
  'id',
  'order_id',
  'asked_milli',
  'amount_milli',
  'points_milli',
  'discount_milli',
  'state',
  'reason',
  'attempts',
  'requested_at',
  'ended_at',
] as const;

/** The refund with this id. */
export async function findRefund(sql: SqlOrTransaction, id: string): Promise<RefundRow | undefined> {
  const [row] = await sql<RefundRow[]>`
    select ${sql(columns)}
    from order_refund
    where id = ${id}
  `;
  return row;
}

/** Stores a refund that waits, and counts it on its order, which is locked; a table's check keeps the sum within the price. */
export async function insertRefund(
  tx: Transaction,
  refund: RefundParts & {
    readonly id: string;
    readonly orderId: string;
    readonly askedMilli: bigint | null;
    readonly now: Date;
  },
): Promise<void> {
  await tx`
    insert into order_refund (
      id, order_id, asked_milli, amount_milli, points_milli, discount_milli, state, requested_at, next_attempt_at
    )
    values (
      ${refund.id}, ${refund.orderId}, ${refund.askedMilli}, ${refund.amountMilli}, ${refund.pointsMilli},
      ${refund.discountMilli}, 'pending', ${refund.now}, ${refund.now}
    )
  `;
  await tx`
    update service_order
    set refunding_milli = refunding_milli + ${refund.amountMilli},
        refunding_discount_milli = refunding_discount_milli + ${refund.discountMilli}
    where id = ${refund.orderId}
  `;
}

/** A refund is done, on its own row and on its order's. False: another replica wrote it first. */
export async function markDone(
  tx: Transaction,
  { id, orderId, amountMilli, discountMilli, now }: RefundRow & { readonly now: Date },
): Promise<boolean> {
  const { count } = await tx`
    update order_refund
    set state = 'done', reason = null, ended_at = ${now}, next_attempt_at = null
    where id = ${id}
      and state = 'pending'
  `;
  if (count === 1) {
    await tx`
      update service_order
      set refunded_milli = refunded_milli + ${amountMilli},
          refunded_discount_milli = refunded_discount_milli + ${discountMilli}
      where id = ${orderId}
    `;
  }
  return count === 1;
}

/** The contractor refuses: what was asked back can be asked again. */
export async function markRefused(
  tx: Transaction,
  {
    id,
    orderId,
    amountMilli,
    discountMilli,
    now,
    reason,
  }: RefundRow & { readonly now: Date; readonly reason: ReasonText },
): Promise<void> {
  const { count } = await tx`
    update order_refund
    set state = 'refused', reason = ${tx.json({ ...reason })}, ended_at = ${now}, next_attempt_at = null
    where id = ${id}
      and state = 'pending'
  `;
  if (count === 1) {
    await tx`
      update service_order
      set refunding_milli = refunding_milli - ${amountMilli},
          refunding_discount_milli = refunding_discount_milli - ${discountMilli}
      where id = ${orderId}
    `;
  }
}

/** The contractor did not answer. */
export async function markUnanswered(
  sql: Sql,
  row: { readonly id: string; readonly reason: ReasonText; readonly nextAttemptAt: Date },
): Promise<void> {
  await sql`
    update order_refund
    set reason = ${sql.json({ ...row.reason })},
        attempts = attempts + 1,
        next_attempt_at = ${row.nextAttemptAt}
    where id = ${row.id}
      and state = 'pending'
  `;
}

/** Refunds that the contractor has not answered yet and that are due. */
export async function listDueRefunds(sql: Sql, now: Date, limit: number): Promise<readonly RefundRow[]> {
  return await sql<RefundRow[]>`
    select ${sql(columns)}
    from order_refund
    where state = 'pending'
      and next_attempt_at <= ${now}
    order by next_attempt_at
    limit ${limit}
  `;
}
