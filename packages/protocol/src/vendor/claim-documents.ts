import { Type } from 'typebox';
import { ClaimDocument, type ClaimDocumentId } from '../dispatch/claim-documents.ts';
import { DocumentFormat, DocumentQuery, LanguageQuery } from '../documents.ts';
import { defineRoute } from '../route.ts';
import { type Id, IdSchema, Instant, Money, Page } from '../schema.ts';

export const listReceivedClaims = defineRoute({
  name: 'listReceivedClaims',
  method: 'GET',
  path: '/v1/claim-documents',
  access: ['operator'],
  summary:
    'Self-billed claims that the contractor prepared for this vendor, as they stand there now; found by day, amount and number.',
  // All are the contractor's.
  query: Type.Omit(DocumentQuery, ['counterparty']),
  reply: Page(ClaimDocument),
});

export const readReceivedClaimFile = defineRoute({
  name: 'readReceivedClaimFile',
  method: 'GET',
  path: '/v1/claim-documents/:documentId.:format',
  access: ['operator'],
  summary: 'One of them, or of their corrections, as PDF, UBL 2.1, CSV or JSON.',
  params: Type.Object({ documentId: IdSchema<ClaimDocumentId>('claim document'), format: DocumentFormat }),
  query: LanguageQuery,
  stream: 'reply-bytes',
});

export const Dispute = Type.Object({ event: Type.String(), reason: Type.String(), notedAt: Instant });

export const disputeEvent = defineRoute({
  name: 'disputeEvent',
  method: 'PUT',
  path: '/v1/disputes/:event',
  access: ['operator'],
  summary: 'Dispute an event, with the reason: its line is answered so, in place of being confirmed.',
  params: Type.Object({ event: Type.String({ minLength: 1, maxLength: 200 }) }),
  body: Type.Object(
    { reason: Type.String({ minLength: 1, maxLength: 500 }) },
    { additionalProperties: false },
  ),
  reply: Dispute,
});

export const recordContractorPayment = defineRoute({
  name: 'recordContractorPayment',
  method: 'PUT',
  path: '/v1/contractor-payments/:paymentId',
  access: ['operator'],
  summary: 'Record that the contractor paid.',
  params: Type.Object({ paymentId: IdSchema<Id<'payment'>>('payment, made by the operator') }),
  body: Type.Object(
    { amount: Money, reference: Type.String({ minLength: 1, maxLength: 200 }) },
    { additionalProperties: false },
  ),
  reply: Type.Object({
    paymentId: IdSchema<Id<'payment'>>('payment'),
    amount: Money,
    reference: Type.String(),
    /** The same payment was booked before, and is not booked again. */
    bookedBefore: Type.Optional(Type.Boolean()),
  }),
});
