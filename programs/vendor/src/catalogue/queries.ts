import type { Sql, SqlOrTransaction } from '@taika/database/connect';
import type { Product } from './product.ts';

/** Offers a product or changes it. A product never changes its kind: zero rows mean that it would have. */
export async function upsertProduct(sql: Sql, product: Product, now: Date): Promise<boolean> {
  const rows = await sql`
    insert into product
      (name, kind, title, description, cash_currency, cash_amount_milli, cash_per, window_days, points_milli_min,
       devices_max, changed_at)
    values (
      ${product.name}, ${product.kind}, ${product.title}, ${product.description}, ${product.cashCurrency},
      ${product.cashAmountMilli}, ${product.cashPer}, ${product.windowDays}, ${product.pointsMilliMin},
      ${product.devicesMax}, ${now}
    )
    on conflict (name) do update
    set title = excluded.title,
        description = excluded.description,
        cash_currency = excluded.cash_currency,
        cash_amount_milli = excluded.cash_amount_milli,
        cash_per = excluded.cash_per,
        window_days = excluded.window_days,
        points_milli_min = excluded.points_milli_min,
        devices_max = excluded.devices_max,
        changed_at = excluded.changed_at
    where product.kind = excluded.kind
    returning name
  `;
  return rows.length === 1;
}

/** One product. */
export async function findProduct(sql: SqlOrTransaction, name: string): Promise<Product | undefined> {
  const [row] = await sql<Product[]>`
    select name, kind, title, description, cash_currency, cash_amount_milli, cash_per, window_days, points_milli_min,
           devices_max
    from product
    where name = ${name}
  `;
  return row;
}

/** All products by name. */
export async function listProductRows(sql: Sql): Promise<readonly Product[]> {
  return await sql<Product[]>`
    select name, kind, title, description, cash_currency, cash_amount_milli, cash_per, window_days, points_milli_min,
           devices_max
    from product
    order by name
  `;
}
