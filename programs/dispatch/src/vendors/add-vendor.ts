import { parsePublicKey, thumbprint } from '@taika/crypto/keys';
import { ApiError } from '@taika/http/api-error';
import type { DispatchContext } from '../context.ts';
import { type LicenseFee, readTerms } from './license-fee.ts';
import { findVendor, insertVendor, type VendorRow } from './queries.ts';

/** What the operator says of a new vendor; the license fee is what their contract says. */
export interface NewVendor {
  readonly vendorId: string;
  readonly name: string;
  readonly publicKey: unknown;
  readonly licenseFee: LicenseFee;
}

/** Enrols a vendor by its public key. The private one stays with the vendor, so there is nothing to show once. */
export async function addVendor(
  { sql, clock, contractor }: DispatchContext,
  { vendorId, name, publicKey, licenseFee }: NewVendor,
): Promise<VendorRow> {
  const terms = readTerms(licenseFee, contractor.currency);
  const vendor = {
    id: vendorId,
    name,
    publicKey: parsePublicKey(publicKey),
    licenseFeeKind: terms.kind,
    licenseFeeCurrency: contractor.currency,
    licenseFeeMilli: terms.feeMilli,
    licensePointsMilliMin: terms.pointsMilliMin,
    licenseHoursMin: terms.hoursMin,
    licenseTaxBasisPoints: terms.taxBasisPoints,
    createdAt: clock.now(),
  };
  const added = await insertVendor(sql, vendor);
  if (added !== undefined) {
    return added;
  }
  const known = await findVendor(sql, vendorId);
  if (known === undefined || !(await isSame(known, vendor))) {
    throw new ApiError(
      'idempotency-conflict',
      'A vendor with this id is enrolled with another contract or key.',
    );
  }
  return known;
}

async function isSame(known: VendorRow, wanted: Omit<VendorRow, 'number'>): Promise<boolean> {
  return (
    known.name === wanted.name &&
    known.licenseFeeKind === wanted.licenseFeeKind &&
    known.licenseFeeMilli === wanted.licenseFeeMilli &&
    known.licensePointsMilliMin === wanted.licensePointsMilliMin &&
    known.licenseHoursMin === wanted.licenseHoursMin &&
    known.licenseTaxBasisPoints === wanted.licenseTaxBasisPoints &&
    (await thumbprint(known.publicKey)) === (await thumbprint(wanted.publicKey))
  );
}
