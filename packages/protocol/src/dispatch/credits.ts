import { type Static, Type } from 'typebox';
import { DocumentFormat, DocumentQuery, LanguageQuery } from '../documents.ts';
import { defineRoute } from '../route.ts';
import {
  type CreditNoteId,
  type CustomerId,
  IdSchema,
  Instant,
  type InvoiceId,
  Money,
  Page,
  type VoidId,
} from '../schema.ts';

/** A correction of an invoice. Amounts are positive: so much less is owed, or so much more is on the deposit. */
export const CreditNote = Type.Object({
  creditNoteId: IdSchema<CreditNoteId>('credit note'),
  number: Type.String({ description: 'gapless per issuer, series and year' }),
  invoiceId: IdSchema<InvoiceId>('invoice'),
  invoiceNumber: Type.String(),
  customerId: IdSchema<CustomerId>('customer'),
  issuedAt: Instant,
  reason: Type.String(),
  net: Money,
  taxBasisPoints: Type.Integer(),
  tax: Money,
  total: Money,
  /** What of the total went to the deposit, because it was paid; the rest lessens what is owed. */
  toDeposit: Money,
});
export type CreditNoteText = Static<typeof CreditNote>;

const Reason = Type.String({ minLength: 1, maxLength: 500 });
const CreditNoteParams = Type.Object({
  creditNoteId: IdSchema<CreditNoteId>('credit note, made by the operator'),
});

export const issueCreditNote = defineRoute({
  name: 'issueCreditNote',
  method: 'PUT',
  path: '/v1/credit-notes/:creditNoteId',
  access: ['operator'],
  summary: 'Correct an invoice by a credit note; all of them together never exceed it.',
  params: CreditNoteParams,
  body: Type.Object(
    {
      invoiceId: IdSchema<InvoiceId>('invoice'),
      /** Before tax, in whole coins. Default: all that was not credited yet. */
      net: Type.Optional(Money),
      reason: Reason,
    },
    { additionalProperties: false },
  ),
  reply: CreditNote,
});

export const listCreditNotes = defineRoute({
  name: 'listCreditNotes',
  method: 'GET',
  path: '/v1/credit-notes',
  access: ['customer', 'operator'],
  summary:
    'This customer’s credit notes, or for the operator all, newest first; found by day, amount and counterparty.',
  query: DocumentQuery,
  reply: Page(CreditNote),
});

export const readCreditNoteFile = defineRoute({
  name: 'readCreditNoteFile',
  method: 'GET',
  path: '/v1/credit-notes/:creditNoteId.:format',
  access: ['customer', 'operator'],
  summary:
    'One credit note as a file: PDF in Japanese or English, UBL 2.1 in the form of JP PINT, CSV or JSON.',
  params: Type.Object({ creditNoteId: IdSchema<CreditNoteId>('credit note'), format: DocumentFormat }),
  query: LanguageQuery,
  stream: 'reply-bytes',
});

const Void = Type.Object({
  voidId: IdSchema<VoidId>('void, made by the operator'),
  invoiceId: IdSchema<InvoiceId>('invoice'),
  reason: Reason,
});

export const voidInvoice = defineRoute({
  name: 'voidInvoice',
  method: 'PUT',
  path: '/v1/voids/:voidId',
  access: ['operator'],
  summary:
    'Take an invoice back that its customer has neither fetched nor paid. Its number stays, and its journal is reversed.',
  params: Type.Object({ voidId: IdSchema<VoidId>('void, made by the operator') }),
  body: Type.Object(
    { invoiceId: IdSchema<InvoiceId>('invoice'), reason: Reason },
    { additionalProperties: false },
  ),
  reply: Void,
});
