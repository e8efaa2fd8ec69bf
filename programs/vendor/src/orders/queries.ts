import type { Sql, SqlOrTransaction, Transaction } from '@taika/database/connect';
import type { PageRequest } from '@taika/http/page';
import type { ReasonText } from '@taika/protocol/schema';
import type { OrderText } from '@taika/protocol/vendor/services';
import type { OrderKind, OrderState } from './order.ts';

/** An order as its row has it. */
export interface OrderRow {
  readonly id: string;
  readonly number: bigint;
  readonly product: string;
  readonly memberId: string;
  readonly kind: OrderKind;
  readonly state: OrderState;
  readonly reason: ReasonText | null;
  readonly requestHash: string;
  readonly lines: OrderText['lines'];
  readonly currency: string;
  readonly priceMilli: bigint;
  readonly pointsMilli: bigint;
  readonly discountMilli: bigint;
  readonly chargeMilli: bigint;
  /** Of the price: what was asked back, and what of it is done. */
  readonly refundingMilli: bigint;
  readonly refundedMilli: bigint;
  /** Of the discount, the same. */
  readonly refundingDiscountMilli: bigint;
  readonly refundedDiscountMilli: bigint;
  readonly period: string | null;
  readonly holdId: string;
  readonly confirmation: string | null;
  readonly releaseDue: boolean;
  readonly attempts: number;
  readonly createdAt: Date;
  readonly expiresAt: Date | null;
  readonly confirmedAt: Date | null;
  readonly endedAt: Date | null;
}

const columns = [
  'id',
  'number',
  'product',
  'member_id',
  'kind',
  'state',
  'reason',
  'request_hash',
  'lines',
  'currency',
  'price_milli',
  'points_milli',
  'discount_milli',
  'charge_milli',
  'refunding_milli',
  'refunded_milli',
  'refunding_discount_milli',
  'refunded_discount_milli',
  'period',
  'hold_id',
  'confirmation',
  'release_due',
  'attempts',
  'created_at',
  'expires_at',
  'confirmed_at',
  'ended_at',
] as const;

/** Stores an order; false when its id (or, for a bill, its member and period) has one. */
export async function insertOrder(
  tx: Transaction,
  order: Pick<
    OrderRow,
    | 'id'
    | 'product'
    | 'memberId'
    | 'kind'
    | 'requestHash'
    | 'lines'
    | 'currency'
    | 'priceMilli'
    | 'pointsMilli'
    | 'discountMilli'
    | 'chargeMilli'
    | 'period'
    | 'holdId'
    | 'createdAt'
    | 'expiresAt'
  >,
): Promise<boolean> {
  const rows = await tx`
    insert into service_order
      (id, product, member_id, kind, state, request_hash, lines, currency, price_milli, points_milli, discount_milli,
       charge_milli, period, hold_id, created_at, expires_at, next_attempt_at)
    values (
      ${order.id}, ${order.product}, ${order.memberId}, ${order.kind}, 'priced', ${order.requestHash},
      ${tx.json(order.lines)}, ${order.currency}, ${order.priceMilli}, ${order.pointsMilli}, ${order.discountMilli},
      ${order.chargeMilli}, ${order.period}, ${order.holdId}, ${order.createdAt}, ${order.expiresAt}, ${order.createdAt}
    )
    on conflict do nothing
    returning id
  `;
  return rows.length === 1;
}

/** One order, whoever's it is: callers compare product or member. */
export async function findOrder(sql: SqlOrTransaction, id: string): Promise<OrderRow | undefined> {
  const [row] = await sql<OrderRow[]>`
    select ${sql(columns)}
    from service_order
    where id = ${id}
  `;
  return row;
}

/** Lets one transaction at a time move an order. */
export async function lockOrder(tx: Transaction, id: string): Promise<OrderRow | undefined> {
  const [row] = await tx<OrderRow[]>`
    select ${tx(columns)}
    from service_order
    where id = ${id}
    for update
  `;
  return row;
}

/** What an event left of an order. */
export interface OrderChange {
  readonly id: string;
  readonly state: OrderState;
  readonly reason: ReasonText | null;
  readonly pointsMilli: bigint;
  readonly discountMilli: bigint;
  readonly chargeMilli: bigint;
  readonly confirmation: string | null;
  readonly confirmedAt: Date | null;
  readonly expiresAt: Date | null;
  readonly endedAt: Date | null;
  readonly releaseDue: boolean;
  readonly nextAttemptAt: Date | null;
}

/** Writes a change; the caller holds the lock. */
export async function updateOrder(tx: Transaction, change: OrderChange): Promise<void> {
  await tx`
    update service_order
    set state = ${change.state},
        reason = ${change.reason === null ? null : tx.json({ ...change.reason })},
        points_milli = ${change.pointsMilli},
        discount_milli = ${change.discountMilli},
        charge_milli = ${change.chargeMilli},
        confirmation = ${change.confirmation},
        confirmed_at = ${change.confirmedAt},
        expires_at = ${change.expiresAt},
        ended_at = ${change.endedAt},
        release_due = ${change.releaseDue},
        attempts = 0,
        next_attempt_at = ${change.nextAttemptAt}
    where id = ${change.id}
  `;
}

/** Why a step between the two servers failed, and when it is tried again. */
export async function markFailedStep(
  sql: Sql,
  row: { readonly id: string; readonly reason: ReasonText; readonly nextAttemptAt: Date },
): Promise<void> {
  await sql`
    update service_order
    set reason = case when state in ('priced', 'awaiting-confirmation', 'confirmed') then ${sql.json({ ...row.reason })} else reason end,
        attempts = attempts + 1,
        next_attempt_at = ${row.nextAttemptAt}
    where id = ${row.id}
  `;
}

/** Held points were given back, or there were none. */
export async function markReleased(sql: Sql, id: string): Promise<void> {
  await sql`
    update service_order
    set release_due = false,
        next_attempt_at = null
    where id = ${id}
  `;
}

/** Orders with something to do: to hold, to capture, to give back, or that are overdue. */
export async function listDueOrders(sql: Sql, now: Date, limit: number): Promise<readonly OrderRow[]> {
  return await sql<OrderRow[]>`
    select ${sql(columns)}
    from service_order
    where (state in ('priced', 'awaiting-confirmation', 'confirmed') or release_due)
      and next_attempt_at <= ${now}
    order by next_attempt_at
    limit ${limit}
  `;
}

/** Orders of a member, those that wait first, then newest. */
export async function listOrdersOfMember(
  sql: Sql,
  memberId: string,
  limit: number,
): Promise<readonly OrderRow[]> {
  return await sql<OrderRow[]>`
    select ${sql(columns)}
    from service_order
    where member_id = ${memberId}
    order by state in ('priced', 'awaiting-confirmation', 'confirmed') desc, number desc
    limit ${limit}
  `;
}

/** All orders, newest first. */
export async function listOrderRows(sql: Sql, { before, limit }: PageRequest): Promise<readonly OrderRow[]> {
  return await sql<OrderRow[]>`
    select ${sql(columns)}
    from service_order
    where number < ${before}
    order by number desc
    limit ${limit + 1}
  `;
}

/** The bills of a period. */
export async function listBills(sql: Sql, product: string, period: string): Promise<readonly OrderRow[]> {
  return await sql<OrderRow[]>`
    select ${sql(columns)}
    from service_order
    where kind = 'usage'
      and product = ${product}
      and period = ${period}
    order by number
  `;
}
