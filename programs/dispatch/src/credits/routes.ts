import { callerOf } from '@taika/http/access';
import { ApiError } from '@taika/http/api-error';
import { readDocumentSearch } from '@taika/http/document-search';
import { readPageRequest, toPage } from '@taika/http/page';
import {
  issueCreditNote as issueRoute,
  listCreditNotes,
  readCreditNoteFile,
  voidInvoice as voidRoute,
} from '@taika/protocol/dispatch/credits';
import type { CreditNoteId, CustomerId, InvoiceId } from '@taika/protocol/schema';
import type { DispatchRouter } from '../access/router.ts';
import type { Caller, DispatchContext } from '../context.ts';
import { sendDocument } from '../documents/send-document.ts';
import { creditNoteDocument } from './credit-note-document.ts';
import { issueCreditNote } from './issue-credit-note.ts';
import { type CreditNoteRow, findCreditNote, listCreditNoteRows } from './queries.ts';
import { voidInvoice } from './void-invoice.ts';

/** Corrections of invoices: made by the operator, read by their customer. */
export function registerCreditRoutes(route: DispatchRouter, context: DispatchContext): void {
  const { sql } = context;

  route(issueRoute, async ({ params, body }) =>
    toCreditNote(await issueCreditNote(context, { ...params, ...body })),
  );

  route(voidRoute, async ({ params, body }) => {
    await voidInvoice(context, { ...params, ...body });
    return { voidId: params.voidId, invoiceId: body.invoiceId, reason: body.reason };
  });

  route(listCreditNotes, async ({ query, caller }) => {
    const page = readPageRequest(query);
    const filter = { customerNumber: customerOf(caller), search: readDocumentSearch(query), ...page };
    return toPage(await listCreditNoteRows(sql, filter), page, toCreditNote);
  });

  route(readCreditNoteFile, async ({ params, query, caller, request, reply }) => {
    const { creditNoteId: id, format } = params;
    const note = await findCreditNote(sql, { customerNumber: customerOf(caller), id });
    if (note === undefined) {
      throw new ApiError('not-found');
    }
    const document = await creditNoteDocument(context, note);
    return sendDocument(document, { format, lang: query.lang, request, reply });
  });
}

/** The customer whose rows these are; undefined for the operator, whose all are. */
function customerOf(caller: Caller): bigint | undefined {
  return caller.kind === 'operator' ? undefined : callerOf('customer', caller).customerNumber;
}

function toCreditNote(row: CreditNoteRow) {
  const money = (amountMilli: bigint) => ({ currency: row.currency, amountMilli });
  return {
    creditNoteId: row.id as CreditNoteId,
    number: row.documentNumber,
    invoiceId: row.invoiceId as InvoiceId,
    invoiceNumber: row.invoiceDocumentNumber,
    customerId: row.customerId as CustomerId,
    issuedAt: row.issuedAt,
    reason: row.reason,
    net: money(row.netMilli),
    taxBasisPoints: row.taxBasisPoints,
    tax: money(row.taxMilli),
    total: money(row.totalMilli),
    toDeposit: money(row.depositMilli),
  };
}
