import { ApiError } from '@taika/http/api-error';
import type { VendorRow } from './queries.ts';

/** What a contract pays for a license, as a request says it. */
export interface LicenseFee {
  readonly kind: VendorRow['licenseFeeKind'];
  readonly fee: { readonly currency: string; readonly amountMilli: string };
  readonly taxBasisPoints?: number | undefined;
  readonly minimum?: { readonly pointsMilli: string; readonly leaseHours: number } | undefined;
}

/** A contract's terms. */
export interface FeeTerms {
  readonly kind: VendorRow['licenseFeeKind'];
  readonly feeMilli: bigint;
  readonly pointsMilliMin: bigint;
  readonly hoursMin: number;
  readonly taxBasisPoints: number;
}

/** A billion coins: a fee beyond it is a typing error, and sums of fees must fit into 64 bits. */
const feeMilliMax = 10n ** 12n;

/** Reads terms, in the contractor's currency. Throws `bad-request` for what no contract says. */
export function readTerms(
  { kind, fee, taxBasisPoints = 0, minimum }: LicenseFee,
  currency: string,
): FeeTerms {
  const feeMilli = BigInt(fee.amountMilli);
  if (fee.currency !== currency || feeMilli < 0n || feeMilli > feeMilliMax) {
    throw new ApiError(
      'bad-request',
      `A license fee is an amount of ${currency} from 0 to ${feeMilliMax / 1000n}.`,
    );
  }
  const pointsMilliMin = BigInt(minimum?.pointsMilli ?? 0);
  const hoursMin = minimum?.leaseHours ?? 0;
  if (pointsMilliMin < 0n || pointsMilliMin > feeMilliMax) {
    throw new ApiError('bad-request', 'A minimum is of no fewer than 0 points.');
  }
  if (kind === 'per-registration' && (pointsMilliMin > 0n || hoursMin > 0)) {
    throw new ApiError('bad-request', 'Only a fee by the month has a minimum of points or hours.');
  }
  return { kind, feeMilli, pointsMilliMin, hoursMin, taxBasisPoints };
}

/** A vendor's general terms. */
export function termsOf(vendor: VendorRow): FeeTerms {
  return {
    kind: vendor.licenseFeeKind,
    feeMilli: vendor.licenseFeeMilli,
    pointsMilliMin: vendor.licensePointsMilliMin,
    hoursMin: vendor.licenseHoursMin,
    taxBasisPoints: vendor.licenseTaxBasisPoints,
  };
}
