import { type Static, Type } from 'typebox';
import { ClaimKind } from '../dispatch/money.ts';
import { LicenseEvidence } from '../license-evidence.ts';
import { defineRoute } from '../route.ts';
import {
  DurationMs,
  IdSchema,
  Instant,
  IntegerText,
  Money,
  Month,
  type OrderId,
  Page,
  PageQuery,
  PointsMilli,
  Reason,
  type RefundId,
  Sha256Hex,
  Token,
} from '../schema.ts';
import { ProductName } from './catalogue.ts';

/**
 * The second embodiment: what an online service's back end asks of its vendor server. A service holds a
 * service key for one product; a member signs in with the license key shown on screen (steps 601–604).
 */
export const openServiceSession = defineRoute({
  name: 'openServiceSession',
  method: 'POST',
  path: '/v1/service-sessions',
  access: ['service'],
  summary:
    'Look a license key up in the user database (steps 603–604). The key signs in; it never spends points.',
  body: Type.Object({ licenseKey: Type.String({ maxLength: 100 }) }, { additionalProperties: false }),
  reply: Type.Object({
    session: Type.String(),
    memberName: Type.String(),
    product: ProductName,
    licenseKeyHint: Type.String(),
    expiresInMs: DurationMs,
  }),
  idempotent: false,
});

const SessionQuery = Type.Object({ session: Type.String() });

export const readSessionPoints = defineRoute({
  name: 'readSessionPoints',
  method: 'GET',
  path: '/v1/service-sessions/points',
  access: ['service'],
  summary: 'The signed-in member’s points, asked of the dispatch server (steps 801–802).',
  query: SessionQuery,
  reply: Type.Object({ availableMilli: PointsMilli, heldMilli: PointsMilli }),
});

/**
 * priced → awaiting-confirmation (points are held) → completed; or → cancelled | expired | refused.
 * An order without points is completed at once.
 */
export const OrderState = Type.Union([
  Type.Literal('priced'),
  Type.Literal('awaiting-confirmation'),
  Type.Literal('completed'),
  Type.Literal('cancelled'),
  Type.Literal('expired'),
  Type.Literal('refused'),
]);

export const OrderLine = Type.Object(
  {
    description: Type.String({ minLength: 1, maxLength: 200 }),
    quantity: Type.Integer({ minimum: 1, maximum: 1_000_000 }),
    unitPrice: Money,
  },
  { additionalProperties: false },
);

/** What went back: of the price, as points with their worth, and in money. */
const GivenBack = {
  amount: Money,
  pointsMilli: PointsMilli,
  discount: Money,
  money: Money,
};

/** A checkout, or a period's usage bill. `charge` = `price` − `discount`, exactly. */
export const Order = Type.Object({
  orderId: IdSchema<OrderId>('order'),
  product: ProductName,
  kind: Type.Union([Type.Literal('purchase'), Type.Literal('usage')]),
  state: OrderState,
  reason: Type.Optional(Reason),
  lines: Type.Array(OrderLine),
  price: Money,
  pointsMilli: PointsMilli,
  /** What is taken off: charged to the contractor. */
  discount: Money,
  /** What the member pays. */
  charge: Money,
  /** What was refunded by now; absent where nothing was. */
  refunded: Type.Optional(Type.Object(GivenBack)),
  period: Type.Optional(Month),
  createdAt: Instant,
  expiresAt: Type.Optional(Instant),
  completedAt: Type.Optional(Instant),
});
export type OrderText = Static<typeof Order>;

const OrderParams = Type.Object({ orderId: IdSchema<OrderId>('order, made by the service') });

export const placeOrder = defineRoute({
  name: 'placeOrder',
  method: 'PUT',
  path: '/v1/orders/:orderId',
  access: ['service'],
  summary: 'Check out: hold the points that are to be spent and ask the member to confirm in the agent.',
  params: OrderParams,
  body: Type.Object(
    {
      session: Type.String(),
      lines: Type.Array(OrderLine, { minItems: 1, maxItems: 200 }),
      /** Points to spend, or `all` for as many as the member has and the price allows. */
      points: Type.Union([Type.Literal('all'), PointsMilli]),
    },
    { additionalProperties: false },
  ),
  reply: Order,
});

export const readOrder = defineRoute({
  name: 'readOrder',
  method: 'GET',
  path: '/v1/orders/:orderId',
  access: ['service'],
  summary: 'An order of the signed-in member. Somebody else’s is not there.',
  params: OrderParams,
  query: SessionQuery,
  reply: Order,
});

export const cancelOrder = defineRoute({
  name: 'cancelOrder',
  method: 'POST',
  path: '/v1/orders/:orderId/cancel',
  access: ['service'],
  summary: 'Cancel an order that waits: held points go back.',
  params: OrderParams,
  reply: Order,
});

/** A refund: `pending` until the contractor gave the points back. */
export const OrderRefund = Type.Object({
  refundId: IdSchema<RefundId>('refund'),
  orderId: IdSchema<OrderId>('order'),
  state: Type.Union([Type.Literal('pending'), Type.Literal('done'), Type.Literal('refused')]),
  reason: Type.Optional(Reason),
  ...GivenBack,
  requestedAt: Instant,
  /** As it is now. */
  order: Order,
});
export type OrderRefundText = Static<typeof OrderRefund>;

export const refundOrder = defineRoute({
  name: 'refundOrder',
  method: 'PUT',
  path: '/v1/orders/:orderId/refunds/:refundId',
  access: ['service', 'operator'],
  summary:
    'Give back a completed order’s price, in full or in part: what points paid for as points, the rest in money. Never more than the price in all.',
  params: Type.Object({
    ...OrderParams.properties,
    refundId: IdSchema<RefundId>('refund, made by who asks for it'),
  }),
  /** Without an amount: all that is left of the price. */
  body: Type.Object({ amount: Type.Optional(Money) }, { additionalProperties: false }),
  reply: OrderRefund,
});

export const recordUsage = defineRoute({
  name: 'recordUsage',
  method: 'PUT',
  path: '/v1/usage/:usageId',
  access: ['service'],
  summary:
    'Count one use by the signed-in member, for the period’s bill. The id makes a repeated call count once.',
  params: Type.Object({ usageId: Type.String({ minLength: 8, maxLength: 64 }) }),
  body: Type.Object(
    {
      session: Type.String(),
      quantity: Type.Integer({ minimum: 1, maximum: 1_000_000 }),
      description: Type.String({ maxLength: 200 }),
    },
    { additionalProperties: false },
  ),
  reply: Type.Object({
    period: Type.String(),
    quantity: Type.Integer({ description: 'uses in this period so far' }),
    feeSoFar: Money,
  }),
});

export const setUsagePrice = defineRoute({
  name: 'setUsagePrice',
  method: 'PUT',
  path: '/v1/products/:product/usage-price',
  access: ['operator'],
  summary: 'What one use of a service costs.',
  params: Type.Object({ product: ProductName }),
  body: Type.Object(
    { price: Money, description: Type.String({ minLength: 1, maxLength: 100 }) },
    { additionalProperties: false },
  ),
  reply: Type.Object({ product: ProductName, price: Money, description: Type.String() }),
});

export const closeUsagePeriod = defineRoute({
  name: 'closeUsagePeriod',
  method: 'POST',
  path: '/v1/products/:product/usage-bills/:period',
  access: ['operator'],
  summary:
    'Work a period’s bills out from the user database, take off points, charge members (steps 801–804). Each member is billed once.',
  params: Type.Object({ product: ProductName, period: Month }),
  reply: Type.Object({ bills: Type.Array(Order) }),
});

export const ServiceKey = Type.Object({ product: ProductName, key: Type.String() });

export const addServiceKey = defineRoute({
  name: 'addServiceKey',
  method: 'POST',
  path: '/v1/products/:product/service-keys',
  access: ['operator'],
  summary: 'A key for a service’s back end. Shown once.',
  params: Type.Object({ product: ProductName }),
  reply: ServiceKey,
  idempotent: false,
});

export const listMemberOrders = defineRoute({
  name: 'listMemberOrders',
  method: 'GET',
  path: '/v1/member/orders',
  access: ['member'],
  summary: 'Orders of the member whose terminal signs, those that wait for confirmation first.',
  reply: Type.Object({ items: Type.Array(Order) }),
});

export const confirmOrder = defineRoute({
  name: 'confirmOrder',
  method: 'POST',
  path: '/v1/member/orders/:orderId/confirm',
  access: ['member'],
  summary:
    'The member’s signature over order, amount and shop: points are captured and the order completes (steps 803–804).',
  params: OrderParams,
  /** An `orderConfirmation` token by the terminal's key. */
  body: Type.Object({ confirmation: Token }, { additionalProperties: false }),
  reply: Order,
});

export const declineOrder = defineRoute({
  name: 'declineOrder',
  method: 'POST',
  path: '/v1/member/orders/:orderId/decline',
  access: ['member'],
  summary: 'The member says no: held points go back, the order is refused.',
  params: OrderParams,
  reply: Order,
});

/** What the vendor claims from the contractor, as the vendor's own book has it (steps 211, 804). */
export const VendorClaim = Type.Object({
  claimId: Type.String(),
  kind: ClaimKind,
  subject: Type.String({ description: 'registration (and month) or order' }),
  amount: Money,
  /** Of a fee by the month: what it rests on as we have it, and the SHA-256 of its canonical JSON. */
  evidence: Type.Optional(LicenseEvidence),
  evidenceSha256: Type.Optional(Sha256Hex),
  state: Type.Union([Type.Literal('pending'), Type.Literal('accrued'), Type.Literal('refused')]),
  reason: Type.Optional(Reason),
  at: Instant,
});
export type VendorClaimText = Static<typeof VendorClaim>;

export const listVendorClaims = defineRoute({
  name: 'listVendorClaims',
  method: 'GET',
  path: '/v1/claims',
  access: ['operator'],
  summary: 'What the contractor owes this vendor, newest first.',
  query: PageQuery,
  reply: Page(VendorClaim),
});

export const listOrders = defineRoute({
  name: 'listOrders',
  method: 'GET',
  path: '/v1/orders',
  access: ['operator'],
  summary: 'All orders, newest first.',
  query: PageQuery,
  reply: Page(Order),
});

export const readVendorBooks = defineRoute({
  name: 'readVendorBooks',
  method: 'GET',
  path: '/v1/books',
  access: ['operator'],
  summary: 'The vendor’s trial balance, and the defects of its books (none, at any time).',
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
