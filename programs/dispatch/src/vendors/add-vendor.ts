import { parsePublicKey, thumbprint } from '@taika/crypto/keys';
import { ApiError } from '@taika/http/api-error';
import type { DispatchContext } from '../context.ts';
import { findVendor, insertVendor, type VendorRow } from './queries.ts';

/** What the operator says of a new vendor; the license fee is what their contract says. */
export interface NewVendor {
  readonly vendorId: string;
  readonly name: string;
  readonly publicKey: unknown;
  readonly licenseFee: {
    readonly kind: VendorRow['licenseFeeKind'];
    readonly fee: { readonly currency: string; readonly amountMilli: string };
  };
}

/** Enrols a vendor by its public key. The private one stays with the vendor, so there is nothing to show once. */
export async function addVendor(
  { sql, clock, contractor }: DispatchContext,
  { vendorId, name, publicKey, licenseFee }: NewVendor,
): Promise<VendorRow> {
  const feeMilli = BigInt(licenseFee.fee.amountMilli);
  if (licenseFee.fee.currency !== contractor.currency || feeMilli < 0n || feeMilli > feeMilliMax) {
    throw new ApiError(
      'bad-request',
      `A license fee is an amount of ${contractor.currency} from 0 to ${feeMilliMax / 1000n}.`,
    );
  }
  const vendor = {
    id: vendorId,
    name,
    publicKey: parsePublicKey(publicKey),
    licenseFeeKind: licenseFee.kind,
    licenseFeeCurrency: licenseFee.fee.currency,
    licenseFeeMilli: feeMilli,
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

/** A billion coins: a fee beyond it is a typing error, and sums of fees must fit into 64 bits. */
const feeMilliMax = 10n ** 12n;

async function isSame(known: VendorRow, wanted: Omit<VendorRow, 'number'>): Promise<boolean> {
  return (
    known.name === wanted.name &&
    known.licenseFeeKind === wanted.licenseFeeKind &&
    known.licenseFeeMilli === wanted.licenseFeeMilli &&
    (await thumbprint(known.publicKey)) === (await thumbprint(wanted.publicKey))
  );
}
