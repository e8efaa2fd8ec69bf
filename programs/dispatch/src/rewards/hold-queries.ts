import type { Sql, SqlOrTransaction, Transaction } from '@taika/database/connect';
import { pgArray } from '../pg-array.ts';

/** A row of `points_hold`. */
export interface HoldRow {
  readonly id: string;
  readonly vendorNumber: bigint;
  readonly memberNumber: bigint;
  readonly pseudonym: string;
  readonly orderId: string;
  readonly pointsMilli: bigint;
  readonly capturedMilli: bigint;
  readonly refundedMilli: bigint;
  readonly state: 'held' | 'captured' | 'released' | 'expired';
  readonly ledgerHoldId: bigint;
  readonly expiresAt: Date;
}

/** The hold with this id, whoever's it is: callers compare the vendor. */
export async function findHold(sql: SqlOrTransaction, id: string): Promise<HoldRow | undefined> {
  const [row] = await sql<HoldRow[]>`
    select id, vendor_number, member_number, pseudonym, order_id, points_milli, captured_milli, refunded_milli, state,
           ledger_hold_id, expires_at
    from points_hold
    where id = ${id}
  `;
  return row;
}

/** The same, locked until the transaction ends: whoever resolves it reads its state behind this. */
export async function lockHold(tx: Transaction, id: string): Promise<HoldRow | undefined> {
  const [row] = await tx<HoldRow[]>`
    select id, vendor_number, member_number, pseudonym, order_id, points_milli, captured_milli, refunded_milli, state,
           ledger_hold_id, expires_at
    from points_hold
    where id = ${id}
    for no key update
  `;
  return row;
}

/** Stores a hold that the ledger has placed. */
export async function insertHold(
  tx: Transaction,
  hold: Omit<HoldRow, 'capturedMilli' | 'refundedMilli' | 'state'> & { readonly placedAt: Date },
): Promise<void> {
  await tx`
    insert into points_hold
      (id, vendor_number, member_number, pseudonym, order_id, points_milli, ledger_hold_id, placed_at, expires_at)
    values (
      ${hold.id}, ${hold.vendorNumber}, ${hold.memberNumber}, ${hold.pseudonym}, ${hold.orderId}, ${hold.pointsMilli},
      ${hold.ledgerHoldId}, ${hold.placedAt}, ${hold.expiresAt}
    )
  `;
}

/** Resolves a hold that is locked. Zero rows mean that it was resolved, which the lock excludes. */
export async function resolveHold(
  tx: Transaction,
  resolution: {
    readonly id: string;
    readonly state: 'captured' | 'released';
    readonly capturedMilli: bigint;
    readonly at: Date;
  },
): Promise<void> {
  const rows = await tx`
    update points_hold
    set state = ${resolution.state}, captured_milli = ${resolution.capturedMilli}, resolved_at = ${resolution.at}
    where id = ${resolution.id}
      and state = 'held'
    returning id
  `;
  if (rows.length !== 1) {
    throw new Error(`The hold ${resolution.id} was resolved under its lock.`);
  }
}

/** Says that an expired hold, which is locked, was placed anew as another hold of the ledger. */
export async function renewHold(
  tx: Transaction,
  { id, ledgerHoldId, expiresAt }: Pick<HoldRow, 'id' | 'ledgerHoldId' | 'expiresAt'>,
): Promise<void> {
  await tx`
    update points_hold
    set state = 'held', ledger_hold_id = ${ledgerHoldId}, expires_at = ${expiresAt}, resolved_at = null
    where id = ${id}
      and state = 'expired'
  `;
}

/** Marks holds as the ledger let them expire. */
export async function markExpired(
  tx: Transaction,
  ledgerHoldIds: readonly bigint[],
  at: Date,
): Promise<void> {
  await tx`
    update points_hold
    set state = 'expired', resolved_at = ${at}
    where ledger_hold_id = any(${pgArray(ledgerHoldIds)}::text::bigint[])
      and state = 'held'
  `;
}

/** Whether any hold's time is over. */
export async function hasExpiredHold(sql: Sql, at: Date): Promise<boolean> {
  const rows = await sql`
    select id
    from points_hold
    where state = 'held'
      and expires_at <= ${at}
    limit 1
  `;
  return rows.length > 0;
}

/** The members whose points these holds were on. */
export async function membersOfHolds(
  tx: Transaction,
  ledgerHoldIds: readonly bigint[],
): Promise<readonly bigint[]> {
  const rows = await tx<{ memberNumber: bigint }[]>`
    select distinct member_number
    from points_hold
    where ledger_hold_id = any(${pgArray(ledgerHoldIds)}::text::bigint[])
  `;
  return rows.map(({ memberNumber }) => memberNumber);
}

/** Whether an order's points were captured before, by whichever hold. */
export async function isOrderCaptured(
  sql: Sql | Transaction,
  { vendorNumber, orderId }: { readonly vendorNumber: bigint; readonly orderId: string },
): Promise<boolean> {
  const rows = await sql`
    select id
    from claim
    where vendor_number = ${vendorNumber}
      and order_id = ${orderId}
      and kind = 'discount'
  `;
  return rows.length > 0;
}

/** The captured hold of an order, locked until the transaction ends: refunds of an order are decided one after the other. */
export async function lockCapturedHold(
  tx: Transaction,
  { vendorNumber, orderId }: { readonly vendorNumber: bigint; readonly orderId: string },
): Promise<HoldRow | undefined> {
  const [row] = await tx<HoldRow[]>`
    select id, vendor_number, member_number, pseudonym, order_id, points_milli, captured_milli, refunded_milli, state,
           ledger_hold_id, expires_at
    from points_hold
    where vendor_number = ${vendorNumber}
      and order_id = ${orderId}
      and state = 'captured'
    for no key update
  `;
  return row;
}

/** A refund of an order's points. */
export interface RefundRow {
  readonly id: string;
  readonly vendorNumber: bigint;
  readonly orderId: string;
  readonly pointsMilli: bigint;
  readonly debtMilli: bigint;
  readonly refundedAt: Date;
}

/** The refund with this id, whoever's it is: callers compare the vendor. */
export async function findRefund(sql: SqlOrTransaction, id: string): Promise<RefundRow | undefined> {
  const [row] = await sql<RefundRow[]>`
    select r.id, h.vendor_number, h.order_id, r.points_milli, r.debt_milli, r.refunded_at
    from points_refund r
    join points_hold h on h.id = r.hold_id
    where r.id = ${id}
  `;
  return row;
}

/** Stores a refund and counts it on its hold, which is locked; a table's check keeps the sum within what was captured. */
export async function insertRefund(
  tx: Transaction,
  refund: Pick<RefundRow, 'id' | 'pointsMilli' | 'debtMilli' | 'refundedAt'> & { readonly holdId: string },
): Promise<void> {
  await tx`
    insert into points_refund (id, hold_id, points_milli, debt_milli, refunded_at)
    values (${refund.id}, ${refund.holdId}, ${refund.pointsMilli}, ${refund.debtMilli}, ${refund.refundedAt})
  `;
  await tx`
    update points_hold
    set refunded_milli = refunded_milli + ${refund.pointsMilli}
    where id = ${refund.holdId}
  `;
}
