import { ApiError } from '@taika/http/api-error';
import type { DispatchContext } from '../context.ts';
import { type LicenseFee, readTerms } from './license-fee.ts';
import { findVendor, upsertProductFee, type VendorRow } from './queries.ts';

/** Sets what a vendor's contract pays for one product; what was decided before stays as it was. */
export async function setLicenseFee(
  { sql, clock, contractor }: DispatchContext,
  {
    vendorId,
    product,
    licenseFee,
  }: { readonly vendorId: string; readonly product: string; readonly licenseFee: LicenseFee },
): Promise<VendorRow> {
  const terms = readTerms(licenseFee, contractor.currency);
  const vendor = await findVendor(sql, vendorId);
  if (vendor === undefined) {
    throw new ApiError('not-found', 'There is no vendor with this id.');
  }
  await upsertProductFee(sql, vendor.number, { product, ...terms, changedAt: clock.now() });
  return vendor;
}
