import { callerOf } from '@taika/http/access';
import { ApiError } from '@taika/http/api-error';
import { readPageRequest, toPage } from '@taika/http/page';
import {
  addVendor as addVendorRoute,
  listVendors,
  readVendor,
  setLicenseFee as setLicenseFeeRoute,
} from '@taika/protocol/dispatch/parties';
import type { VendorId } from '@taika/protocol/schema';
import type { DispatchRouter } from '../access/router.ts';
import type { DispatchContext } from '../context.ts';
import { addVendor } from './add-vendor.ts';
import { type FeeTerms, termsOf } from './license-fee.ts';
import {
  findVendor,
  listProductFees,
  listVendorRows,
  type ProductFeeRow,
  type VendorRow,
} from './queries.ts';
import { setLicenseFee } from './set-license-fee.ts';

/** Vendors: enrolled and listed by the operator, read by themselves. */
export function registerVendorRoutes(route: DispatchRouter, context: DispatchContext): void {
  route(addVendorRoute, async ({ params, body }) => shown(await addVendor(context, { ...params, ...body })));

  route(listVendors, async ({ query }) => {
    const page = readPageRequest(query);
    const rows = await listVendorRows(context.sql, page);
    const numbers = rows.map(({ number }) => number);
    const fees = await listProductFees(context.sql, numbers);
    return toPage(rows, page, (row) => toVendor(row, fees.get(row.number) ?? []));
  });

  route(readVendor, async ({ caller }) => {
    const vendor = await findVendor(context.sql, callerOf('vendor', caller).vendorId);
    if (vendor === undefined) {
      throw new ApiError('not-found');
    }
    return shown(vendor);
  });

  route(setLicenseFeeRoute, async ({ params, body }) =>
    shown(await setLicenseFee(context, { ...params, ...body })),
  );

  async function shown(vendor: VendorRow) {
    const fees = await listProductFees(context.sql, [vendor.number]);
    return toVendor(vendor, fees.get(vendor.number) ?? []);
  }
}

function toVendor(row: VendorRow, products: readonly ProductFeeRow[]) {
  const { kty, crv, x } = row.publicKey;
  const currency = row.licenseFeeCurrency;
  return {
    vendorId: row.id as VendorId,
    name: row.name,
    publicKey: { kty, crv, x },
    licenseFee: toRule(termsOf(row), currency),
    ...(products.length === 0
      ? {}
      : { productFees: products.map((fee) => ({ product: fee.product, ...toRule(fee, currency) })) }),
    createdAt: row.createdAt,
  };
}

function toRule(terms: FeeTerms, currency: string) {
  const { kind, feeMilli, pointsMilliMin, hoursMin, taxBasisPoints } = terms;
  const hasMinimum = pointsMilliMin > 0n || hoursMin > 0;
  return {
    kind,
    fee: { currency, amountMilli: feeMilli },
    ...(taxBasisPoints === 0 ? {} : { taxBasisPoints }),
    ...(hasMinimum ? { minimum: { pointsMilli: pointsMilliMin, leaseHours: hoursMin } } : {}),
  };
}
