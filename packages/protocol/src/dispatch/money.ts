import { type Static, Type } from 'typebox';
import { DocumentFormat, DocumentQuery, LanguageQuery } from '../documents.ts';
import { HoursOfMonth, LicenseEvidence } from '../license-evidence.ts';
import { defineRoute } from '../route.ts';
import {
  type ClaimId,
  type CustomerId,
  type HoldId,
  IdSchema,
  Instant,
  IntegerText,
  type InvoiceId,
  type JobId,
  Money,
  Month,
  type OrderId,
  Page,
  PageQuery,
  PointsMilli,
  Reason,
  type RefundId,
  type RegistrationId,
  Sha256Hex,
  Token,
  type VendorId,
} from '../schema.ts';
import { PricedLevelSchema } from './priced-level.ts';
import { PseudonymSchema } from './registrations.ts';

/** What a vendor claims: a fee, a discount, or below zero the refund of one. */
export const ClaimKind = Type.Union([
  Type.Literal('license-fee'),
  Type.Literal('discount'),
  Type.Literal('refund'),
]);

/** A customer's invoice (step 307). Each line leads to the job whose fuel it prices. */
export const Invoice = Type.Object({
  invoiceId: IdSchema<InvoiceId>('invoice'),
  number: Type.String({ description: 'gapless per issuer, series and year' }),
  customerId: IdSchema<CustomerId>('customer'),
  issuedAt: Instant,
  lines: Type.Array(
    Type.Object({
      jobId: IdSchema<JobId>('job'),
      description: Type.String(),
      units: Type.Integer(),
      fuel: IntegerText,
      /** Version of the rate card, and its price for each `perFuel` of fuel. */
      rateVersion: Type.Integer(),
      price: Money,
      perFuel: IntegerText,
      /** What the job was priced as, and the card's factor for it, in thousandths: amount = fuel × price × factor ÷ perFuel ÷ 1000. */
      level: Type.Optional(PricedLevelSchema),
      factorThousandths: Type.Integer(),
      amount: Money,
      /** What the fuel was worth beyond the job's maximal price, before tax: not charged. Absent where there is nothing. */
      beyondLimit: Type.Optional(Money),
    }),
  ),
  net: Money,
  taxBasisPoints: Type.Integer(),
  tax: Money,
  total: Money,
  /** It was taken back: nothing is owed for it. */
  voidedAt: Type.Optional(Instant),
  /** What of the total was credited later. */
  credited: Type.Optional(Money),
});
export type InvoiceText = Static<typeof Invoice>;

export const listInvoices = defineRoute({
  name: 'listInvoices',
  method: 'GET',
  path: '/v1/invoices',
  access: ['customer', 'operator'],
  summary:
    'This customer’s invoices, or for the operator all, newest first; found by day, amount and counterparty.',
  query: DocumentQuery,
  reply: Page(Invoice),
});

export const readInvoice = defineRoute({
  name: 'readInvoice',
  method: 'GET',
  path: '/v1/invoices/:invoiceId',
  access: ['customer', 'operator'],
  summary: 'One invoice; as PDF, XML or CSV where `Accept` asks for it.',
  params: Type.Object({ invoiceId: IdSchema<InvoiceId>('invoice') }),
  reply: Invoice,
});

export const readInvoiceFile = defineRoute({
  name: 'readInvoiceFile',
  method: 'GET',
  path: '/v1/invoices/:invoiceId.:format',
  access: ['customer', 'operator'],
  summary: 'One invoice as a file: PDF in Japanese or English, UBL 2.1 in the form of JP PINT, CSV or JSON.',
  params: Type.Object({ invoiceId: IdSchema<InvoiceId>('invoice'), format: DocumentFormat }),
  query: LanguageQuery,
  stream: 'reply-bytes',
});

/** What a vendor is told of a member's points: what can be spent, and what this vendor's own orders hold and have spent. */
export const VendorsPoints = Type.Object({
  availableMilli: PointsMilli,
  heldMilli: PointsMilli,
  spentMilli: PointsMilli,
  /** Always 0, for vendors' servers of earlier releases: points that are not final are the member's own business. */
  pendingMilli: PointsMilli,
});

export const readMemberPoints = defineRoute({
  name: 'readMemberPoints',
  method: 'GET',
  path: '/v1/members/:pseudonym/points',
  access: ['vendor'],
  summary:
    'The points that a member of this vendor can spend, and what this vendor’s orders hold and have spent (steps 801–802).',
  params: Type.Object({ pseudonym: PseudonymSchema }),
  reply: VendorsPoints,
});

export const PointsHold = Type.Object({
  holdId: IdSchema<HoldId>('hold'),
  state: Type.Union([
    Type.Literal('held'),
    Type.Literal('captured'),
    Type.Literal('released'),
    Type.Literal('expired'),
  ]),
  pointsMilli: PointsMilli,
  capturedMilli: PointsMilli,
  /** What the contractor owes the vendor once captured. */
  worth: Money,
  expiresAt: Instant,
});

const HoldParams = Type.Object({ holdId: IdSchema<HoldId>('hold, made by the vendor') });

export const holdPoints = defineRoute({
  name: 'holdPoints',
  method: 'PUT',
  path: '/v1/points-holds/:holdId',
  access: ['vendor'],
  summary:
    'Hold a member’s points for an order. Nothing is spent before the member’s confirmation is captured.',
  params: HoldParams,
  body: Type.Object(
    { pseudonym: PseudonymSchema, orderId: IdSchema<OrderId>('order'), pointsMilli: PointsMilli },
    { additionalProperties: false },
  ),
  reply: PointsHold,
});

export const capturePoints = defineRoute({
  name: 'capturePoints',
  method: 'POST',
  path: '/v1/points-holds/:holdId/capture',
  access: ['vendor'],
  summary:
    'Spend held points, with the member’s signed confirmation; the difference becomes the vendor’s claim.',
  params: HoldParams,
  /** An `orderConfirmation` token by a key of one of the member's terminals. */
  body: Type.Object({ confirmation: Token }, { additionalProperties: false }),
  reply: PointsHold,
});

export const releasePoints = defineRoute({
  name: 'releasePoints',
  method: 'POST',
  path: '/v1/points-holds/:holdId/release',
  access: ['vendor'],
  summary: 'Give held points back to the member.',
  params: HoldParams,
  reply: PointsHold,
});

export const PointsRefund = Type.Object({
  refundId: IdSchema<RefundId>('refund'),
  orderId: IdSchema<OrderId>('order'),
  pointsMilli: PointsMilli,
  /** What of the points settled those that the member owed for wrong results. */
  debtMilli: PointsMilli,
  /** What the vendor owes the contractor for it: the next claim document takes it off. */
  worth: Money,
  /** All points of the order that went back by now. */
  refundedMilli: PointsMilli,
  refundedAt: Instant,
});

export const refundPoints = defineRoute({
  name: 'refundPoints',
  method: 'PUT',
  path: '/v1/points-refunds/:refundId',
  access: ['vendor'],
  summary:
    'Give points that an order spent back to the member, all or a part: to the month they were taken from, or for 30 days at least where that is over. Never more than were spent.',
  params: Type.Object({ refundId: IdSchema<RefundId>('refund, made by the vendor') }),
  body: Type.Object(
    { orderId: IdSchema<OrderId>('order'), pointsMilli: PointsMilli },
    { additionalProperties: false },
  ),
  reply: PointsRefund,
});

/**
 * What a vendor claims from the contractor: license fees and discounts (steps 211 and 804), and below zero the refunds of
 * discounts.
 */
export const Claim = Type.Object({
  claimId: IdSchema<ClaimId>('claim'),
  vendorId: IdSchema<VendorId>('vendor'),
  kind: ClaimKind,
  /** What it is for: a registration (with its month, `2026-11`, where the fee is monthly) or an order. */
  registrationId: Type.Optional(IdSchema<RegistrationId>('registration')),
  month: Type.Optional(Month),
  orderId: Type.Optional(IdSchema<OrderId>('order')),
  amount: Money,
  /** What a fee by the month was decided on, and the SHA-256 of its canonical JSON. */
  evidence: Type.Optional(LicenseEvidence),
  evidenceSha256: Type.Optional(Sha256Hex),
  state: Type.Union([Type.Literal('accrued'), Type.Literal('refused')]),
  reason: Type.Optional(Reason),
  acceptedAt: Instant,
});
export type ClaimText = Static<typeof Claim>;

export const claimLicenseFee = defineRoute({
  name: 'claimLicenseFee',
  method: 'PUT',
  path: '/v1/claims/:claimId',
  access: ['vendor'],
  summary:
    'Claim a license fee (step 211). The contract’s rule decides the amount and whether it is due; one claim a registration, or one a month. Where the contract has a minimum, after the month’s end.',
  params: Type.Object({ claimId: IdSchema<ClaimId>('claim, made by the vendor') }),
  body: Type.Object(
    {
      registrationId: IdSchema<RegistrationId>('registration'),
      month: Type.Optional(Month),
      /** With a month: the hours that the vendor’s grants served. Only those count that receipts were given for, too. */
      hours: Type.Optional(HoursOfMonth),
    },
    { additionalProperties: false },
  ),
  reply: Claim,
});

export const listClaims = defineRoute({
  name: 'listClaims',
  method: 'GET',
  path: '/v1/claims',
  access: ['vendor'],
  summary: 'What this vendor claims from the contractor, newest first.',
  query: PageQuery,
  reply: Page(Claim),
});

export const readBooks = defineRoute({
  name: 'readBooks',
  method: 'GET',
  path: '/v1/books',
  access: ['operator'],
  summary: 'The contractor’s trial balance, and the defects of the books (none, at any time).',
  reply: Type.Object({
    accounts: Type.Array(
      Type.Object({
        account: Type.String(),
        commodity: Type.String(),
        debit: IntegerText,
        credit: IntegerText,
      }),
    ),
    defects: Type.Array(Type.Object({ name: Type.String(), detail: Type.String() })),
  }),
});
