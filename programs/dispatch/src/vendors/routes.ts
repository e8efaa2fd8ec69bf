import { callerOf } from '@taika/http/access';
import { ApiError } from '@taika/http/api-error';
import { readPageRequest, toPage } from '@taika/http/page';
import { addVendor as addVendorRoute, listVendors, readVendor } from '@taika/protocol/dispatch/parties';
import type { VendorId } from '@taika/protocol/schema';
import type { DispatchRouter } from '../access/router.ts';
import type { DispatchContext } from '../context.ts';
import { addVendor } from './add-vendor.ts';
import { findVendor, listVendorRows, type VendorRow } from './queries.ts';

/** Vendors: enrolled and listed by the operator, read by themselves. */
export function registerVendorRoutes(route: DispatchRouter, context: DispatchContext): void {
  route(addVendorRoute, async ({ params, body }) =>
    toVendor(await addVendor(context, { ...params, ...body })),
  );

  route(listVendors, async ({ query }) => {
    const page = readPageRequest(query);
    return toPage(await listVendorRows(context.sql, page), page, toVendor);
  });

  route(readVendor, async ({ caller }) => {
    const vendor = await findVendor(context.sql, callerOf('vendor', caller).vendorId);
    if (vendor === undefined) {
      throw new ApiError('not-found');
    }
    return toVendor(vendor);
  });
}

function toVendor(row: VendorRow) {
  const { kty, crv, x } = row.publicKey;
  return {
    vendorId: row.id as VendorId,
    name: row.name,
    publicKey: { kty, crv, x },
    licenseFee: {
      kind: row.licenseFeeKind,
      fee: { currency: row.licenseFeeCurrency, amountMilli: row.licenseFeeMilli },
    },
    createdAt: row.createdAt,
  };
}
