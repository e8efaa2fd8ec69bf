import type { Sql, Transaction } from '@taika/database/connect';

/** A row of `consent`. */
export interface ConsentRow {
  readonly id: string;
  readonly terminalNumber: bigint;
  readonly vendorNumber: bigint;
  readonly product: string;
  readonly textVersion: string;
  readonly textSha256: string;
  readonly locale: 'en' | 'ja';
  readonly cores: number;
  readonly memoryMib: number;
  readonly token: string;
  readonly recordedAt: Date;
}

/** The consent with this id, whoever's it is: callers compare the terminal. */
export async function findConsent(
  sql: Sql | Transaction,
  id: string,
): Promise<
  { terminalNumber: bigint; token: string; recordedAt: Date; withdrawnAt: Date | null } | undefined
> {
  const [row] = await sql<
    { terminalNumber: bigint; token: string; recordedAt: Date; withdrawnAt: Date | null }[]
  >`
    select terminal_number, token, recorded_at, withdrawn_at
    from consent
    where id = ${id}
  `;
  return row;
}

/** Stores a consent in the place of what the member had agreed to for the same product; false when the id is taken. */
export async function insertConsent(tx: Transaction, row: ConsentRow): Promise<boolean> {
  const stored = await tx`
    insert into consent
      (id, terminal_number, vendor_number, product, text_version, text_sha256, locale, cores, memory_mib, token, recorded_at)
    values (
      ${row.id}, ${row.terminalNumber}, ${row.vendorNumber}, ${row.product}, ${row.textVersion}, ${row.textSha256},
      ${row.locale}, ${row.cores}, ${row.memoryMib}, ${row.token}, ${row.recordedAt}
    )
    on conflict (id) do nothing
    returning id
  `;
  if (stored.length === 0) {
    return false;
  }
  await tx`
    update consent
    set withdrawn_at = ${row.recordedAt}
    where terminal_number = ${row.terminalNumber}
      and vendor_number = ${row.vendorNumber}
      and product = ${row.product}
      and withdrawn_at is null
      and id <> ${row.id}
  `;
  return true;
}

/** The number of the vendor for whose product this terminal is registered; undefined when it is not. */
export async function findRegisteredVendor(
  tx: Transaction,
  { terminalNumber, vendorId, product }: { terminalNumber: bigint; vendorId: string; product: string },
): Promise<bigint | undefined> {
  const [row] = await tx<{ number: bigint }[]>`
    select v.number
    from registration r
    join vendor v on v.number = r.vendor_number
    where r.terminal_number = ${terminalNumber}
      and r.product = ${product}
      and r.ended_at is null
      and v.id = ${vendorId}
  `;
  return row?.number;
}

/** Withdraws a consent; zero rows mean that it was withdrawn before. */
export async function withdrawConsentRow(sql: Sql, id: string, at: Date): Promise<void> {
  await sql`
    update consent
    set withdrawn_at = ${at}
    where id = ${id}
      and withdrawn_at is null
  `;
}
