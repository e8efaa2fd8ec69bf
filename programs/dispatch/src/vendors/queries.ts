import type { PublicJwk } from '@taika/crypto/keys';
import type { Sql, SqlOrTransaction } from '@taika/database/connect';
import type { PageRequest } from '@taika/http/page';
import { pgArray } from '../pg-array.ts';

/** A row of `vendor`. */
export interface VendorRow {
  readonly id: string;
  readonly number: bigint;
  readonly name: string;
  readonly publicKey: PublicJwk;
  readonly licenseFeeKind: 'per-registration' | 'per-license-month';
  readonly licenseFeeCurrency: string;
  readonly licenseFeeMilli: bigint;
  readonly licensePointsMilliMin: bigint;
  readonly licenseHoursMin: number;
  readonly licenseTaxBasisPoints: number;
  readonly createdAt: Date;
}

/** Stores a new vendor; undefined when there is one with this id. */
export async function insertVendor(
  sql: SqlOrTransaction,
  vendor: Omit<VendorRow, 'number'>,
): Promise<VendorRow | undefined> {
  const { kty, crv, x } = vendor.publicKey;
  const [row] = await sql<VendorRow[]>`
    insert into vendor (
      id, name, public_key, license_fee_kind, license_fee_currency, license_fee_milli, license_points_milli_min,
      license_hours_min, license_tax_basis_points, created_at
    )
    values (
      ${vendor.id}, ${vendor.name}, ${sql.json({ kty, crv, x })}, ${vendor.licenseFeeKind},
      ${vendor.licenseFeeCurrency}, ${vendor.licenseFeeMilli}, ${vendor.licensePointsMilliMin},
      ${vendor.licenseHoursMin}, ${vendor.licenseTaxBasisPoints}, ${vendor.createdAt}
    )
    on conflict (id) do nothing
    returning id, number, name, public_key, license_fee_kind, license_fee_currency, license_fee_milli,
              license_points_milli_min, license_hours_min, license_tax_basis_points, created_at
  `;
  return row;
}

/** The vendor with this id. */
export async function findVendor(sql: SqlOrTransaction, id: string): Promise<VendorRow | undefined> {
  const [row] = await sql<VendorRow[]>`
    select id, number, name, public_key, license_fee_kind, license_fee_currency, license_fee_milli,
           license_points_milli_min, license_hours_min, license_tax_basis_points, created_at
    from vendor
    where id = ${id}
  `;
  return row;
}

/** Vendors in the order of enrolment, one more than the page holds. */
export function listVendorRows(sql: Sql, { after, limit }: PageRequest): Promise<VendorRow[]> {
  return sql<VendorRow[]>`
    select id, number, name, public_key, license_fee_kind, license_fee_currency, license_fee_milli,
           license_points_milli_min, license_hours_min, license_tax_basis_points, created_at
    from vendor
    where number > ${after}
    order by number
    limit ${limit + 1}
  `;
}

/** The contract for one product. */
export interface ProductFeeRow {
  readonly product: string;
  readonly kind: VendorRow['licenseFeeKind'];
  readonly feeMilli: bigint;
  readonly pointsMilliMin: bigint;
  readonly hoursMin: number;
  readonly taxBasisPoints: number;
}

/** Contracts for single products, by the vendor's number. */
export async function listProductFees(
  sql: SqlOrTransaction,
  vendorNumbers: readonly bigint[],
): Promise<ReadonlyMap<bigint, readonly ProductFeeRow[]>> {
  const rows = await sql<(ProductFeeRow & { vendorNumber: bigint })[]>`
    select vendor_number, product, kind, fee_milli, points_milli_min, hours_min, tax_basis_points
    from license_fee_rule
    where vendor_number = any(${pgArray(vendorNumbers)}::text::bigint[])
    order by vendor_number, product
  `;
  return Map.groupBy(rows, ({ vendorNumber }) => vendorNumber);
}

/** The contract for a product; undefined where the vendor's own counts. */
export async function findProductFee(
  sql: SqlOrTransaction,
  { vendorNumber, product }: { readonly vendorNumber: bigint; readonly product: string },
): Promise<ProductFeeRow | undefined> {
  const [row] = await sql<ProductFeeRow[]>`
    select product, kind, fee_milli, points_milli_min, hours_min, tax_basis_points
    from license_fee_rule
    where vendor_number = ${vendorNumber}
      and product = ${product}
  `;
  return row;
}

/** Sets the contract for a product. */
export async function upsertProductFee(
  sql: SqlOrTransaction,
  vendorNumber: bigint,
  rule: ProductFeeRow & { readonly changedAt: Date },
): Promise<void> {
  await sql`
    insert into license_fee_rule (
      vendor_number, product, kind, fee_milli, points_milli_min, hours_min, tax_basis_points, changed_at
    )
    values (
      ${vendorNumber}, ${rule.product}, ${rule.kind}, ${rule.feeMilli}, ${rule.pointsMilliMin}, ${rule.hoursMin},
      ${rule.taxBasisPoints}, ${rule.changedAt}
    )
    on conflict (vendor_number, product) do update
    set kind = excluded.kind,
        fee_milli = excluded.fee_milli,
        points_milli_min = excluded.points_milli_min,
        hours_min = excluded.hours_min,
        tax_basis_points = excluded.tax_basis_points,
        changed_at = excluded.changed_at
  `;
}
