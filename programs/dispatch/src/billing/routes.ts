import { numericToBigint } from '@taika/database/connect';
import { formatOfAccept } from '@taika/documents/choose-format';
import { callerOf } from '@taika/http/access';
import { ApiError } from '@taika/http/api-error';
import { readDocumentSearch } from '@taika/http/document-search';
import { readPageRequest, toPage } from '@taika/http/page';
import {
  claimLicenseFee as claimRoute,
  listClaims,
  listInvoices,
  readInvoice,
  readInvoiceFile,
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
import type { Caller, DispatchContext } from '../context.ts';
import { markDelivered } from '../credits/queries.ts';

import { sendDocument } from '../documents/send-document.ts';
import { claimLicenseFee } from './claim-license-fee.ts';
import { type ClaimRow, listClaimRows } from './claim-queries.ts';
import { invoiceDocument } from './invoice-document.ts';
import { findInvoice, type InvoiceRow, listInvoiceRows } from './queries.ts';

/** Invoices for customers, claims of vendors. */
export function registerBillingRoutes(route: DispatchRouter, context: DispatchContext): void {
  const { sql } = context;

  /** What a customer has seen is corrected, not voided. */
  const noteDelivery = async (caller: Caller, invoiceIds: readonly string[]) => {
    if (caller.kind === 'customer') {
      await markDelivered(sql, invoiceIds);
    }
  };

  route(listInvoices, async ({ query, caller }) => {
    const page = readPageRequest(query);
    const filter = { customerNumber: customerOf(caller), search: readDocumentSearch(query), ...page };
    const invoices = toPage(await listInvoiceRows(sql, filter), page, toInvoice);
    await noteDelivery(
      caller,
      invoices.items.map(({ invoiceId }) => invoiceId),
    );
    return invoices;
  });

  const invoiceOf = async (id: string, caller: Caller) => {
    const invoice = await findInvoice(sql, { customerNumber: customerOf(caller), id });
    if (invoice === undefined) {
      throw new ApiError('not-found');
    }
    await noteDelivery(caller, [id]);
    return invoice;
  };

  route(readInvoice, async ({ params, caller, request, reply }) => {
    const invoice = await invoiceOf(params.invoiceId, caller);
    const format = formatOfAccept(request.headers.accept);
    return format === undefined
      ? toInvoice(invoice)
      : sendDocument(await invoiceDocument(context, invoice), { format, request, reply });
  });

  route(readInvoiceFile, async ({ params: { invoiceId, format }, query, caller, request, reply }) => {
    const invoice = await invoiceOf(invoiceId, caller);
    return sendDocument(await invoiceDocument(context, invoice), {
      format,
      lang: query.lang,
      request,
      reply,
    });
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

/** The customer whose rows these are; undefined for the operator, whose all are. */
function customerOf(caller: Caller): bigint | undefined {
  return caller.kind === 'operator' ? undefined : callerOf('customer', caller).customerNumber;
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
        ...(row.level === null ? {} : { level: row.level }),
        factorThousandths: row.factorThousandths,
        amount: money(row.amountMilli),
        ...(row.beyondLimitMilli === 0n ? {} : { beyondLimit: money(row.beyondLimitMilli) }),
      },
    ],
    net: money(row.netMilli),
    taxBasisPoints: row.taxBasisPoints,
    tax: money(row.taxMilli),
    total: money(row.totalMilli),
    ...(row.voidedAt === null ? {} : { voidedAt: row.voidedAt }),
    ...(row.creditedMilli === 0n ? {} : { credited: money(row.creditedMilli) }),
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
    ...(row.evidence ? { evidence: row.evidence } : {}),
    ...(row.evidenceSha256 ? { evidenceSha256: row.evidenceSha256 } : {}),
    state: row.state,
    ...(row.refusalCode === null ? {} : { reason: reason(row.refusalCode as ReasonCode) }),
    acceptedAt: row.acceptedAt,
  };
}
