import type { Sql } from '@taika/database/connect';

/** Remembers a vendor's signed request until its signature is too old; false when it was used before. */
export async function useSignedRequest(
  sql: Sql,
  { vendorNumber, jti, until }: { readonly vendorNumber: bigint; readonly jti: string; readonly until: Date },
): Promise<boolean> {
  const rows = await sql`
    insert into used_request (vendor_number, jti, expires_at)
    values (${vendorNumber}, ${jti}, ${until})
    on conflict (vendor_number, jti) do nothing
    returning jti
  `;
  return rows.length > 0;
}

/** A secret that the replicas share; undefined before the first start. */
export async function readSecret(sql: Sql, name: string): Promise<Uint8Array | undefined> {
  const [row] = await sql<{ value: Uint8Array }[]>`
    select value
    from secret
    where name = ${name}
  `;
  return row?.value;
}

/** Stores a secret unless there is one under this name: whichever replica is first makes it. */
export async function insertSecret(
  sql: Sql,
  { name, value, now }: { readonly name: string; readonly value: Uint8Array; readonly now: Date },
): Promise<void> {
  await sql`
    insert into secret (name, value, created_at)
    values (${name}, ${Buffer.from(value)}, ${now})
    on conflict (name) do nothing
  `;
}
