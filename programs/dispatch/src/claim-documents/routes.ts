import { callerOf } from '@taika/http/access';
import { ApiError } from '@taika/http/api-error';
import { readDocumentSearch } from '@taika/http/document-search';
import { readPageRequest, toPage } from '@taika/http/page';
import {
  answerClaimDocument as answerRoute,
  type ClaimDocumentId,
  listClaimDocuments,
  payVendor as payVendorRoute,
  prepareClaimDocument as prepareRoute,
  readClaimDocument,
  readClaimDocumentFile,
  settleDispute as settleRoute,
} from '@taika/protocol/dispatch/claim-documents';
import type { VendorId } from '@taika/protocol/schema';
import type { DispatchRouter } from '../access/router.ts';
import type { Caller, DispatchContext } from '../context.ts';
import { findDocumentParties } from '../documents/queries.ts';
import { sendDocument } from '../documents/send-document.ts';
import { answerClaimDocument } from './answer-claim-document.ts';
import { type ClaimCorrectionRow, correctionAsInvoice, dueOf } from './claim-correction.ts';
import { claimAsInvoice, stateOfDocument } from './claim-document.ts';
import { payVendor } from './pay-vendor.ts';
import { prepareClaimDocument } from './prepare-claim-document.ts';
import {
  type ClaimDocumentRow,
  type ClaimLineRow,
  type ClaimTotalRow,
  findClaimDocument,
  findCorrectedDocumentId,
  listClaimCorrections,
  listClaimDocumentRows,
  listClaimLines,
  listClaimTotals,
} from './queries.ts';
import { settleDispute } from './settle-dispute.ts';

/** Self-billed claims: prepared by the contractor, answered by the vendor line by line. */
export function registerClaimDocumentRoutes(route: DispatchRouter, context: DispatchContext): void {
  const { sql } = context;
  const found = async (id: string, caller: Caller) => {
    const document = await findClaimDocument(sql, { id, vendorNumber: vendorOf(caller) });
    if (document === undefined) {
      throw new ApiError('not-found');
    }
    return { document, lines: (await listClaimLines(sql, [document.number])).get(document.number) ?? [] };
  };
  const shown = async (id: string, caller: Caller) => {
    const { document, lines } = await found(id, caller);
    const { number } = document;
    const totals = (await listClaimTotals(sql, [number])).get(number) ?? [];
    const corrections = (await listClaimCorrections(sql, [number])).get(number) ?? [];
    return toText(document, { lines, totals, corrections });
  };

  /** A claim, or a correction of one, which has an id of its own. */
  const asInvoice = async (id: string, caller: Caller) => {
    const parties = await findDocumentParties(sql, id);
    const claimId = (await findCorrectedDocumentId(sql, id)) ?? id;
    const { document, lines } = await found(claimId, caller);
    if (parties === undefined) {
      throw new Error(`The claim ${document.documentNumber} has no parties.`);
    }
    if (claimId === id) {
      return claimAsInvoice(document, { lines, ...parties });
    }
    const corrections = (await listClaimCorrections(sql, [document.number])).get(document.number) ?? [];
    const correction = corrections.find((each) => each.id === id);
    const line = lines.find((each) => each.line === correction?.line);
    if (correction === undefined || line === undefined) {
      throw new Error(`The correction ${id} has no line.`);
    }
    return correctionAsInvoice(correction, { claim: document, line, parties });
  };

  route(prepareRoute, async ({ params, body, caller }) => {
    const { id } = await prepareClaimDocument(context, { ...params, ...body });
    return shown(id, caller);
  });

  route(listClaimDocuments, async ({ query, caller }) => {
    const page = readPageRequest(query);
    const rows = await listClaimDocumentRows(sql, {
      vendorNumber: vendorOf(caller),
      isOpen: query.open === 'true',
      search: readDocumentSearch(query),
      ...page,
    });
    const numbers = rows.map(({ number }) => number);
    const lines = await listClaimLines(sql, numbers);
    const totals = await listClaimTotals(sql, numbers);
    const corrections = await listClaimCorrections(sql, numbers);
    return toPage(rows, page, ({ number, ...row }) =>
      toText(
        { ...row, number },
        {
          lines: lines.get(number) ?? [],
          totals: totals.get(number) ?? [],
          corrections: corrections.get(number) ?? [],
        },
      ),
    );
  });

  route(readClaimDocument, ({ params, caller }) => shown(params.documentId, caller));

  route(readClaimDocumentFile, async ({ params, query, caller, request, reply }) => {
    const invoice = await asInvoice(params.documentId, caller);
    return sendDocument(invoice, { format: params.format, lang: query.lang, request, reply });
  });

  route(answerRoute, async ({ params, body, caller }) => {
    await answerClaimDocument(context, callerOf('vendor', caller), { ...params, ...body });
    return shown(params.documentId, caller);
  });

  route(payVendorRoute, async ({ params: { paymentId }, body: { vendorId, amount, reference } }) => {
    const { currency } = amount;
    const amountMilli = BigInt(amount.amountMilli);
    const isNew = await payVendor(context, { paymentId, vendorId, currency, amountMilli, reference });
    return { paymentId, amount: { currency, amountMilli }, reference, bookedBefore: !isNew };
  });

  route(settleRoute, async ({ params, body, caller }) => {
    await settleDispute(context, { ...params, ...body });
    return shown(params.documentId, caller);
  });
}

/** The vendor whose rows these are; undefined for the operator, whose all are. */
function vendorOf(caller: Caller): bigint | undefined {
  return caller.kind === 'operator' ? undefined : callerOf('vendor', caller).vendorNumber;
}

function toText(
  row: ClaimDocumentRow,
  {
    lines,
    totals,
    corrections,
  }: {
    readonly lines: readonly ClaimLineRow[];
    readonly totals: readonly ClaimTotalRow[];
    readonly corrections: readonly ClaimCorrectionRow[];
  },
) {
  const money = (amountMilli: bigint) => ({ currency: row.currency, amountMilli });
  return {
    documentId: row.id as ClaimDocumentId,
    number: row.documentNumber,
    vendorId: row.vendorId as VendorId,
    issuedAt: row.issuedAt,
    period: { from: row.periodFrom, to: row.periodTo },
    state: stateOfDocument(lines),
    lines: lines.map(
      ({ event, kind, amountMilli, taxBasisPoints, evidenceSha256, state, reason, outcome }) => ({
        event,
        kind,
        amount: money(amountMilli),
        ...(taxBasisPoints === 0 ? {} : { taxBasisPoints }),
        ...(evidenceSha256 === null ? {} : { evidenceSha256 }),
        state,
        ...(reason === null ? {} : { reason }),
        ...(outcome === null ? {} : { outcome }),
      }),
    ),
    net: money(row.netMilli),
    tax: money(row.taxMilli),
    total: money(row.totalMilli),
    ...(corrections.length === 0
      ? {}
      : {
          corrections: corrections.map((each) => ({
            documentId: each.id as ClaimDocumentId,
            number: each.documentNumber,
            issuedAt: each.issuedAt,
            event: lines.find(({ line }) => line === each.line)?.event ?? '',
            net: money(each.netMilli),
            tax: money(each.taxMilli),
            total: money(each.totalMilli),
          })),
        }),
    due: money(dueOf(row, corrections)),
    ...(totals.length === 0
      ? {}
      : {
          totals: totals.map(({ sequence, taxMilli, roundingMilli }) => ({
            event: `total:${row.documentNumber}:${sequence}`,
            tax: money(taxMilli),
            rounding: money(roundingMilli),
          })),
        }),
  };
}
