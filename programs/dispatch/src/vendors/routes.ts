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
import { type DatedTerms, monthOf, termsInMonth } from './license-terms.ts';
import { findVendor, listProductTerms, listVendorRows, type VendorRow } from './queries.ts';
import { setLicenseFee } from './set-license-fee.ts';

/** Vendors: enrolled and listed by the operator, read by themselves. */
export function registerVendorRoutes(route: DispatchRouter, context: DispatchContext): void {
  route(addVendorRoute, async ({ params, body }) => shown(await addVendor(context, { ...params, ...body })));

  route(listVendors, async ({ query }) => {
    const page = readPageRequest(query);
    const rows = await listVendorRows(context.sql, page);
    const numbers = rows.map(({ number }) => number);
    const terms = await listProductTerms(context.sql, numbers);
    return toPage(rows, page, (row) => toVendor(row, terms.get(row.number) ?? [], thisMonth()));
  });

  route(readVendor, ({ caller }) => found(callerOf('vendor', caller).vendorId));

  route(setLicenseFeeRoute, async ({ params, body }) => {
    const { fromMonth } = await setLicenseFee(context, { ...params, ...body });
    return { ...(await found(params.vendorId)), from: fromMonth };
  });

  const thisMonth = () => monthOf(context.clock.now());

  async function found(vendorId: string) {
    const vendor = await findVendor(context.sql, vendorId);
    if (vendor === undefined) {
      throw new ApiError('not-found');
    }
    return shown(vendor);
  }

  async function shown(vendor: VendorRow) {
    const terms = await listProductTerms(context.sql, [vendor.number]);
    return toVendor(vendor, terms.get(vendor.number) ?? [], thisMonth());
  }
}

function toVendor(row: VendorRow, terms: readonly DatedTerms[], month: string) {
  const { kty, crv, x } = row.publicKey;
  const currency = row.licenseFeeCurrency;
  const products = [...new Set(terms.map(({ product }) => product))];
  const inForce = products.flatMap((product) => termsInMonth(terms, { product, month }) ?? []);
  return {
    vendorId: row.id as VendorId,
    name: row.name,
    publicKey: { kty, crv, x },
    licenseFee: toRule(termsOf(row), currency),
    ...(inForce.length === 0
      ? {}
      : { productFees: inForce.map((each) => ({ product: each.product, ...toRule(each, currency) })) }),
    ...(terms.length === 0
      ? {}
      : {
          productTerms: terms.map((each) => ({
            product: each.product,
            ...(each.fromMonth === null ? {} : { from: each.fromMonth }),
            ...toRule(each, currency),
          })),
        }),
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
