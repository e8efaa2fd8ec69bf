import type { PublicJwk } from '@taika/crypto/keys';
import type { Sql, SqlOrTransaction } from '@taika/database/connect';
import type { PageRequest } from '@taika/http/page';

/** A row of `vendor`. */
export interface VendorRow {
  readonly id: string;
  readonly number: bigint;
  readonly name: string;
  readonly publicKey: PublicJwk;
  readonly licenseFeeKind: 'per-registration' | 'per-license-month';
  readonly licenseFeeCurrency: string;
  readonly licenseFeeMilli: bigint;
  readonly createdAt: Date;
}

/** Stores a new vendor; undefined when there is one with this id. */
export async function insertVendor(
  sql: SqlOrTransaction,
  vendor: Omit<VendorRow, 'number'>,
): Promise<VendorRow | undefined> {
  const { kty, crv, x } = vendor.publicKey;
  const [row] = await sql<VendorRow[]>`
    insert into vendor (id, name, public_key, license_fee_kind, license_fee_currency, license_fee_milli, created_at)
    values (
      ${vendor.id}, ${vendor.name}, ${sql.json({ kty, crv, x })}, ${vendor.licenseFeeKind},
      ${vendor.licenseFeeCurrency}, ${vendor.licenseFeeMilli}, ${vendor.createdAt}
    )
    on conflict (id) do nothing
    returning id, number, name, public_key, license_fee_kind, license_fee_currency, license_fee_milli, created_at
  `;
  return row;
}

/** The vendor with this id. */
export async function findVendor(sql: SqlOrTransaction, id: string): Promise<VendorRow | undefined> {
  const [row] = await sql<VendorRow[]>`
    select id, number, name, public_key, license_fee_kind, license_fee_currency, license_fee_milli, created_at
    from vendor
    where id = ${id}
  `;
  return row;
}

/** Vendors in the order of enrolment, one more than the page holds. */
export function listVendorRows(sql: Sql, { after, limit }: PageRequest): Promise<VendorRow[]> {
  return sql<VendorRow[]>`
    select id, number, name, public_key, license_fee_kind, license_fee_currency, license_fee_milli, created_at
    from vendor
    where number > ${after}
    order by number
    limit ${limit + 1}
  `;
}
