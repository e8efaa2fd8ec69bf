import type { Sql } from '@taika/database/connect';

/** Something that must never be between the user database and the books. */
export interface BookDefect {
  readonly name: string;
  readonly detail: string;
}

/**
 * What does not agree between the vendor's tables and its own ledger; empty at every instant, because both are written in
 * one transaction.
 */
export async function findVendorDefects(sql: Sql): Promise<readonly BookDefect[]> {
  return await sql<BookDefect[]>`
    select name, detail
    from vendor_defect
    order by name, detail
  `;
}
