import type { PublicJwk } from '@taika/crypto/keys';
import type { Sql, SqlOrTransaction, Transaction } from '@taika/database/connect';
import type { PageRequest } from '@taika/http/page';
import { pgArray } from '../pg-array.ts';
import type { FeeTerms } from './license-fee.ts';
import type { DatedTerms } from './license-terms.ts';

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

/** Terms for products, by the vendor's number, in the order of the months from which they count; of several for a month those that were said last. */
export async function listProductTerms(
  sql: SqlOrTransaction,
  vendorNumbers: readonly bigint[],
): Promise<ReadonlyMap<bigint, readonly DatedTerms[]>> {
  const rows = await sql<(DatedTerms & { vendorNumber: bigint })[]>`
    select distinct on (vendor_number, product, from_month) vendor_number, product, from_month, kind, fee_milli,
           points_milli_min, hours_min, tax_basis_points
    from license_fee_rule
    where vendor_number = any(${pgArray(vendorNumbers)}::text::bigint[])
    order by vendor_number, product, from_month nulls first, number desc
  `;
  return Map.groupBy(rows, ({ vendorNumber }) => vendorNumber);
}

/** The terms for a product in a month; undefined where the vendor's general ones count. */
export async function findProductTerms(
  sql: SqlOrTransaction,
  {
    vendorNumber,
    product,
    month,
  }: { readonly vendorNumber: bigint; readonly product: string; readonly month: string },
): Promise<FeeTerms | undefined> {
  const [row] = await sql<FeeTerms[]>`
    select kind, fee_milli, points_milli_min, hours_min, tax_basis_points
    from license_fee_rule
    where vendor_number = ${vendorNumber}
      and product = ${product}
      and (from_month is null or from_month <= ${month})
    order by from_month desc nulls last, number desc
    limit 1
  `;
  return row;
}

/** Lets one transaction at a time set terms of a vendor. */
export async function lockTerms(tx: Transaction, vendorNumber: bigint): Promise<void> {
  await tx`select pg_advisory_xact_lock(hashtextextended(${`taika license terms ${vendorNumber}`}, 0))`;
}

/** Whether anything was earned for a product, or may be. */
export async function hasRegistrations(
  tx: Transaction,
  { vendorNumber, product }: { readonly vendorNumber: bigint; readonly product: string },
): Promise<boolean> {
  const [row] = await tx<{ has: boolean }[]>`
    select exists (select from registration where vendor_number = ${vendorNumber} and product = ${product}) as has
  `;
  return row?.has === true;
}

/** Adds terms for a product. */
export async function insertProductTerms(
  tx: Transaction,
  vendorNumber: bigint,
  terms: DatedTerms & { readonly changedAt: Date },
): Promise<void> {
  await tx`
    insert into license_fee_rule (
      vendor_number, product, from_month, kind, fee_milli, points_milli_min, hours_min, tax_basis_points, changed_at
    )
    values (
      ${vendorNumber}, ${terms.product}, ${terms.fromMonth}, ${terms.kind}, ${terms.feeMilli}, ${terms.pointsMilliMin},
      ${terms.hoursMin}, ${terms.taxBasisPoints}, ${terms.changedAt}
    )
  `;
}
