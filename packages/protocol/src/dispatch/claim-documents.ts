import { type Static, Type } from 'typebox';
import { DocumentFormat, DocumentQuery, LanguageQuery } from '../documents.ts';
import { defineRoute } from '../route.ts';
import { Day, type Id, IdSchema, Instant, Money, Page, Sha256Hex, type VendorId } from '../schema.ts';
import { ClaimKind } from './money.ts';

export type ClaimDocumentId = Id<'claim-document'>;

const DocumentParams = Type.Object({ documentId: IdSchema<ClaimDocumentId>('claim document') });
const Event = Type.String({ minLength: 1, maxLength: 200 });
const Reason = Type.String({ minLength: 1, maxLength: 500 });

/** A self-billed claim: the contractor prepares it, the vendor confirms or disputes it line by line (steps 211 and 804). */
export const ClaimDocument = Type.Object({
  documentId: IdSchema<ClaimDocumentId>('claim document'),
  number: Type.String({ description: 'gapless per issuer, series and year' }),
  vendorId: IdSchema<VendorId>('vendor'),
  issuedAt: Instant,
  period: Type.Object({ from: Day, to: Day }),
  /** `open` while a line waits for the vendor, `disputed` while one waits for the contractor. */
  state: Type.Union([Type.Literal('open'), Type.Literal('disputed'), Type.Literal('settled')]),
  lines: Type.Array(
    Type.Object({
      event: Event,
      kind: ClaimKind,
      /** Without tax. */
      amount: Money,
      /** The rate of tax; none where absent. */
      taxBasisPoints: Type.Optional(Type.Integer()),
      /** Of a fee by the month: the hash of what it was decided on. */
      evidenceSha256: Type.Optional(Sha256Hex),
      state: Type.Union([
        Type.Literal('open'),
        Type.Literal('confirmed'),
        Type.Literal('disputed'),
        Type.Literal('cancelled'),
      ]),
      reason: Type.Optional(Type.String()),
      outcome: Type.Optional(Type.String()),
    }),
  ),
  net: Money,
  tax: Money,
  total: Money,
  /** Credit notes, prepared by the contractor as the claim was, that each take a cancelled line off it. Their files are read as the claim's are, by their own ids. */
  corrections: Type.Optional(
    Type.Array(
      Type.Object({
        documentId: IdSchema<ClaimDocumentId>('correction'),
        number: Type.String({ description: 'gapless per issuer, series and year' }),
        issuedAt: Instant,
        event: Event,
        net: Money,
        tax: Money,
        total: Money,
      }),
    ),
  ),
  /** The total less all corrections: what is to be paid once every line is settled. Absent from older servers. */
  due: Type.Optional(Money),
  /** What the total of the confirmed lines is beyond their sum, as it grew with each answer: events of their own in both books. */
  totals: Type.Optional(Type.Array(Type.Object({ event: Event, tax: Money, rounding: Money }))),
});
export type ClaimDocumentText = Static<typeof ClaimDocument>;

export const prepareClaimDocument = defineRoute({
  name: 'prepareClaimDocument',
  method: 'PUT',
  path: '/v1/claim-documents/:documentId',
  access: ['operator'],
  summary:
    'Prepare a self-billed claim of what a vendor is owed up to a day and that no document has. Done by itself after each month.',
  params: DocumentParams,
  body: Type.Object({ vendorId: IdSchema<VendorId>('vendor'), to: Day }, { additionalProperties: false }),
  reply: ClaimDocument,
});

export const listClaimDocuments = defineRoute({
  name: 'listClaimDocuments',
  method: 'GET',
  path: '/v1/claim-documents',
  access: ['vendor', 'operator'],
  summary: 'Self-billed claims, newest first: a vendor’s own, or for the operator all.',
  query: Type.Object({
    ...DocumentQuery.properties,
    open: Type.Optional(
      Type.Literal('true', { description: 'only those with a line that waits for the vendor' }),
    ),
  }),
  reply: Page(ClaimDocument),
});

export const readClaimDocument = defineRoute({
  name: 'readClaimDocument',
  method: 'GET',
  path: '/v1/claim-documents/:documentId',
  access: ['vendor', 'operator'],
  summary: 'One self-billed claim.',
  params: DocumentParams,
  reply: ClaimDocument,
});

export const readClaimDocumentFile = defineRoute({
  name: 'readClaimDocumentFile',
  method: 'GET',
  path: '/v1/claim-documents/:documentId.:format',
  access: ['vendor', 'operator'],
  summary: 'One self-billed claim (389), or a correction of one (261), as PDF, UBL 2.1, CSV or JSON.',
  params: Type.Object({ ...DocumentParams.properties, format: DocumentFormat }),
  query: LanguageQuery,
  stream: 'reply-bytes',
});

export const answerClaimDocument = defineRoute({
  name: 'answerClaimDocument',
  method: 'POST',
  path: '/v1/claim-documents/:documentId/answers',
  access: ['vendor'],
  summary:
    'Confirm or dispute lines, each once. A confirmed line is invoiced; a disputed one waits for the contractor.',
  params: DocumentParams,
  body: Type.Object(
    {
      answers: Type.Array(
        Type.Union([
          Type.Object({ event: Event, answer: Type.Literal('confirmed') }, { additionalProperties: false }),
          Type.Object(
            { event: Event, answer: Type.Literal('disputed'), reason: Reason },
            { additionalProperties: false },
          ),
        ]),
        { minItems: 1, maxItems: 5_000 },
      ),
    },
    { additionalProperties: false },
  ),
  reply: ClaimDocument,
});

export const settleDispute = defineRoute({
  name: 'settleDispute',
  method: 'POST',
  path: '/v1/claim-documents/:documentId/settlements',
  access: ['operator'],
  summary:
    'End a dispute as both agreed: the amount stands (`confirmed`), or a license fee is not owed (`cancelled`). Points that a member gave are owed in any case.',
  params: DocumentParams,
  body: Type.Object(
    {
      event: Event,
      outcome: Type.Union([Type.Literal('confirmed'), Type.Literal('cancelled')]),
      reason: Reason,
    },
    { additionalProperties: false },
  ),
  reply: ClaimDocument,
});

const Payment = Type.Object({
  paymentId: IdSchema<Id<'payment'>>('payment, made by the operator'),
  amount: Money,
  reference: Type.String(),
  /** The same payment was booked before, and is not booked again. */
  bookedBefore: Type.Optional(Type.Boolean()),
});

export const payVendor = defineRoute({
  name: 'payVendor',
  method: 'PUT',
  path: '/v1/vendor-payments/:paymentId',
  access: ['operator'],
  summary: 'Record that a vendor was paid; never more than what is invoiced.',
  params: Type.Object({ paymentId: IdSchema<Id<'payment'>>('payment, made by the operator') }),
  body: Type.Object(
    {
      vendorId: IdSchema<VendorId>('vendor'),
      amount: Money,
      reference: Type.String({ minLength: 1, maxLength: 200 }),
    },
    { additionalProperties: false },
  ),
  reply: Payment,
});
