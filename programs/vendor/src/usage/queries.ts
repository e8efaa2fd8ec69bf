import type { Sql, SqlOrTransaction, Transaction } from '@taika/database/connect';

/** What one use of a service costs. */
export interface UsagePriceRow {
  readonly product: string;
  readonly currency: string;
  readonly amountMilli: bigint;
  readonly description: string;
}

/** Sets the price; false where it would change the currency, which would leave a period's bill in two. */
export async function upsertUsagePrice(
  sql: Sql,
  row: UsagePriceRow & { readonly now: Date },
): Promise<boolean> {
  const rows = await sql`
    insert into usage_price (product, currency, amount_milli, description, changed_at)
    values (${row.product}, ${row.currency}, ${row.amountMilli}, ${row.description}, ${row.now})
    on conflict (product) do update
    set amount_milli = excluded.amount_milli,
        description = excluded.description,
        changed_at = excluded.changed_at
    where usage_price.currency = excluded.currency
    returning product
  `;
  return rows.length === 1;
}

/** The price, locked so that no period of the product closes before the transaction ends. Many uses may hold it together. */
export async function lockPriceForUse(tx: Transaction, product: string): Promise<UsagePriceRow | undefined> {
  const [row] = await tx<UsagePriceRow[]>`
    select product, currency, amount_milli, description
    from usage_price
    where product = ${product}
    for share
  `;
  return row;
}

/** Keeps uses out until the period is closed. */
export async function lockPriceForClosing(
  tx: Transaction,
  product: string,
): Promise<UsagePriceRow | undefined> {
  const [row] = await tx<UsagePriceRow[]>`
    select product, currency, amount_milli, description
    from usage_price
    where product = ${product}
    for update
  `;
  return row;
}

export async function listClosedPeriods(
  sql: SqlOrTransaction,
  product: string,
): Promise<ReadonlySet<string>> {
  const rows = await sql<{ period: string }[]>`
    select period
    from usage_close
    where product = ${product}
  `;
  return new Set(rows.map(({ period }) => period));
}

export async function insertClose(
  tx: Transaction,
  product: string,
  period: string,
  now: Date,
): Promise<void> {
  await tx`
    insert into usage_close (product, period, closed_at)
    values (${product}, ${period}, ${now})
    on conflict (product, period) do nothing
  `;
}

/** One counted use. */
export interface UsageRow {
  readonly product: string;
  readonly usageId: string;
  readonly memberId: string;
  readonly period: string;
  readonly quantity: bigint;
  readonly description: string;
  readonly currency: string;
  readonly unitMilli: bigint;
}

/** Counts a use; false when this id was counted before. */
export async function insertUsage(tx: Transaction, row: UsageRow & { readonly now: Date }): Promise<boolean> {
  const rows = await tx`
    insert into usage (product, usage_id, member_id, period, quantity, description, currency, unit_milli, used_at)
    values (
      ${row.product}, ${row.usageId}, ${row.memberId}, ${row.period}, ${row.quantity}, ${row.description},
      ${row.currency}, ${row.unitMilli}, ${row.now}
    )
    on conflict (product, usage_id) do nothing
    returning usage_id
  `;
  return rows.length === 1;
}

export async function findUsage(
  sql: SqlOrTransaction,
  product: string,
  usageId: string,
): Promise<UsageRow | undefined> {
  const [row] = await sql<UsageRow[]>`
    select product, usage_id, member_id, period, quantity, description, currency, unit_milli
    from usage
    where product = ${product}
      and usage_id = ${usageId}
  `;
  return row;
}

/** A member's use of a period at one price. */
export interface UsageSum {
  readonly memberId: string;
  readonly currency: string;
  readonly unitMilli: bigint;
  readonly quantity: bigint;
}

/** What a member used so far in a period, by price. */
export async function sumUsageOfMember(
  sql: SqlOrTransaction,
  { product, period, memberId }: { product: string; period: string; memberId: string },
): Promise<readonly UsageSum[]> {
  return await sql<UsageSum[]>`
    select member_id, currency, unit_milli, sum(quantity)::bigint as quantity
    from usage
    where product = ${product}
      and period = ${period}
      and member_id = ${memberId}
    group by member_id, currency, unit_milli
    order by currency, unit_milli
  `;
}

/** What every member used in a period and has no bill for yet, by price. */
export async function sumUnbilledUsage(
  sql: SqlOrTransaction,
  product: string,
  period: string,
): Promise<readonly UsageSum[]> {
  return await sql<UsageSum[]>`
    select u.member_id, u.currency, u.unit_milli, sum(u.quantity)::bigint as quantity
    from usage u
    where u.product = ${product}
      and u.period = ${period}
      and not exists (
        select
        from service_order o
        where o.kind = 'usage'
          and o.product = u.product
          and o.period = u.period
          and o.member_id = u.member_id
      )
    group by u.member_id, u.currency, u.unit_milli
    order by u.member_id, u.currency, u.unit_milli
  `;
}
