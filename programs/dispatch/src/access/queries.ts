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
