import { numericToBigint } from '@taika/database/connect';
import { callerOf } from '@taika/http/access';
import { ApiError } from '@taika/http/api-error';
import { readPageRequest, toPage } from '@taika/http/page';
import {
  claimLicenseFee as claimRoute,
  listClaims,
  listInvoices,
  readInvoice,
} from '@taika/protocol/dispatch/money';
import { type ReasonCode, reason } from '@taika/protocol/reasons';
import type {
  ClaimId,
  CustomerId,
  InvoiceId,
  JobId,
  OrderId,
  RegistrationId,
  VendorId,
} from '@taika/protocol/schema';
import type { DispatchRouter } from '../access/router.ts';
import type { DispatchContext } from '../context.ts';
import { claimLicenseFee } from './claim-license-fee.ts';
import { type ClaimRow, listClaimRows } from './claim-queries.ts';
import { findInvoice, type InvoiceRow, listInvoiceRows } from './queries.ts';

/** Invoices for customers, claims of vendors. */
export function registerBillingRoutes(route: DispatchRouter, context: DispatchContext): void {
  const { sql } = context;

  route(listInvoices, async ({ query, caller }) => {
    const page = readPageRequest(query);
    const { customerNumber } = callerOf('customer', caller);
    return toPage(await listInvoiceRows(sql, { customerNumber, ...page }), page, toInvoice);
  });

  route(readInvoice, async ({ params, caller }) => {
    const { customerNumber } = callerOf('customer', caller);
    const invoice = await findInvoice(sql, { customerNumber, id: params.invoiceId });
    if (invoice === undefined) {
      throw new ApiError('not-found');
    }
    return toInvoice(invoice);
  });

  route(claimRoute, async ({ params, body, caller }) =>
    toClaim(await claimLicenseFee(context, callerOf('vendor', caller), { ...params, ...body })),
  );

  route(listClaims, async ({ query, caller }) => {
    const page = readPageRequest(query);
    const { vendorNumber } = callerOf('vendor', caller);
    return toPage(await listClaimRows(sql, { vendorNumber, ...page }), page, toClaim);
  });
}

function toInvoice(row: InvoiceRow) {
  const money = (amountMilli: bigint) => ({ currency: row.currency, amountMilli });
  return {
    invoiceId: row.id as InvoiceId,
    number: row.documentNumber,
    customerId: row.customerId as CustomerId,
    issuedAt: row.issuedAt,
    lines: [
      {
        jobId: row.jobId as JobId,
        description: row.description,
        units: Number(row.units),
        fuel: numericToBigint(row.fuel),
        rateVersion: row.rateVersion,
        price: money(row.priceMilli),
        perFuel: row.perFuel,
        amount: money(row.amountMilli),
        ...(row.beyondLimitMilli === 0n ? {} : { beyondLimit: money(row.beyondLimitMilli) }),
      },
    ],
    net: money(row.netMilli),
    taxBasisPoints: row.taxBasisPoints,
    tax: money(row.taxMilli),
    total: money(row.totalMilli),
  };
}

function toClaim(row: ClaimRow) {
  return {
    claimId: row.id as ClaimId,
    vendorId: row.vendorId as VendorId,
    kind: row.kind,
    ...(row.registrationId === null ? {} : { registrationId: row.registrationId as RegistrationId }),
    ...(row.month === null ? {} : { month: row.month }),
    ...(row.orderId === null ? {} : { orderId: row.orderId as OrderId }),
    amount: { currency: row.currency, amountMilli: row.amountMilli },
    state: row.state,
    ...(row.refusalCode === null ? {} : { reason: reason(row.refusalCode as ReasonCode) }),
    acceptedAt: row.acceptedAt,
  };
}
