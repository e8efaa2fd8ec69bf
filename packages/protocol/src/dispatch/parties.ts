import { type Static, Type } from 'typebox';
import { PartyDetails } from '../documents.ts';
import { defineRoute } from '../route.ts';
import {
  Currency,
  type CustomerId,
  IdSchema,
  Instant,
  IntegerText,
  Money,
  Month,
  Page,
  PageQuery,
  PointsMilli,
  PublicKey,
  type TerminalId,
  type VendorId,
} from '../schema.ts';
import { factorBounds } from '../trust-prices.ts';

const CustomerIdSchema = IdSchema<CustomerId>('customer');
const VendorIdSchema = IdSchema<VendorId>('vendor');

/** What the contractor owes a vendor for a license (SPEC A8). */
export const LicenseFeeRule = Type.Object({
  kind: Type.Union([Type.Literal('per-registration'), Type.Literal('per-license-month')]),
  fee: Money,
  /** Consumption tax on the fee, on top of it; none where absent. A claim carries it once for each rate. */
  taxBasisPoints: Type.Optional(Type.Integer({ minimum: 0, maximum: 10_000 })),
  /** A fee by the month is due from so many points and served hours on; without it for any work at all. */
  minimum: Type.Optional(
    Type.Object(
      {
        pointsMilli: PointsMilli,
        leaseHours: Type.Integer({ minimum: 0, maximum: 672, description: 'hours of the shortest month' }),
      },
      { additionalProperties: false },
    ),
  ),
});

export type LicenseFeeRuleText = Static<typeof LicenseFeeRule>;

export const Customer = Type.Object({
  customerId: CustomerIdSchema,
  name: Type.String(),
  currency: Currency,
  createdAt: Instant,
});

export const Vendor = Type.Object({
  vendorId: VendorIdSchema,
  name: Type.String(),
  publicKey: PublicKey,
  licenseFee: LicenseFeeRule,
  /** The contract for single products that is in force this month, in the place of `licenseFee`. */
  productFees: Type.Optional(
    Type.Array(Type.Object({ product: Type.String(), ...LicenseFeeRule.properties })),
  ),
  /** What was and will be agreed for single products, in the order of the months from which it counts. */
  productTerms: Type.Optional(
    Type.Array(
      Type.Object({
        product: Type.String(),
        /** Absent where it counts since ever. */
        from: Type.Optional(Month),
        ...LicenseFeeRule.properties,
      }),
    ),
  ),
  createdAt: Instant,
});

const Name = Type.String({ minLength: 1, maxLength: 200 });

export const addCustomer = defineRoute({
  name: 'addCustomer',
  method: 'PUT',
  path: '/v1/customers/:customerId',
  access: ['operator'],
  summary: 'Enrol a customer. The key is shown once, in this reply; a repeated call shows none.',
  params: Type.Object({ customerId: CustomerIdSchema }),
  body: Type.Object(
    {
      name: Name,
      currency: Type.Optional(Currency),
      /** How far it may owe from the start; without it, it pays in advance. */
      creditLimit: Type.Optional(Money),
    },
    { additionalProperties: false },
  ),
  reply: Type.Object({ customer: Customer, key: Type.Optional(Type.String()) }),
});

export const listCustomers = defineRoute({
  name: 'listCustomers',
  method: 'GET',
  path: '/v1/customers',
  access: ['operator'],
  summary: 'All customers.',
  query: PageQuery,
  reply: Page(Customer),
});

export const readCustomer = defineRoute({
  name: 'readCustomer',
  method: 'GET',
  path: '/v1/customer',
  access: ['customer'],
  summary: 'The customer whose key this is, and how long the data of its jobs is kept.',
  reply: Type.Object({
    ...Customer.properties,
    /** Days after a job's end that its input, program and results are kept. */
    retentionDays: Type.Integer(),
  }),
});

export const setCustomerDetails = defineRoute({
  name: 'setCustomerDetails',
  method: 'PUT',
  path: '/v1/customer/details',
  access: ['customer'],
  summary: 'What this customer’s documents say of it from now on. What is left out is empty.',
  body: PartyDetails,
  reply: PartyDetails,
});

export const addVendor = defineRoute({
  name: 'addVendor',
  method: 'PUT',
  path: '/v1/vendors/:vendorId',
  access: ['operator'],
  summary: 'Enrol a vendor by its public key. The vendor keeps the private one.',
  params: Type.Object({ vendorId: VendorIdSchema }),
  body: Type.Object(
    { name: Name, publicKey: PublicKey, licenseFee: LicenseFeeRule },
    { additionalProperties: false },
  ),
  reply: Vendor,
});

export const setLicenseFee = defineRoute({
  name: 'setLicenseFee',
  method: 'PUT',
  path: '/v1/vendors/:vendorId/license-fees/:product',
  access: ['operator'],
  summary:
    'What a vendor’s contract pays for one product, in the place of its general rule, from a month on: what was earned before is decided by the terms before. A month that has begun only where the product has no registrations.',
  params: Type.Object({ vendorId: VendorIdSchema, product: Type.String({ minLength: 1, maxLength: 60 }) }),
  body: Type.Object(
    { licenseFee: LicenseFeeRule, from: Type.Optional(Month) },
    { additionalProperties: false },
  ),
  /** With the month from which the terms count. */
  reply: Type.Object({ ...Vendor.properties, from: Month }),
});

export const listVendors = defineRoute({
  name: 'listVendors',
  method: 'GET',
  path: '/v1/vendors',
  access: ['operator'],
  summary: 'All vendors.',
  query: PageQuery,
  reply: Page(Vendor),
});

export const readVendor = defineRoute({
  name: 'readVendor',
  method: 'GET',
  path: '/v1/vendor',
  access: ['vendor'],
  summary: 'The vendor whose signature this is, with its contract.',
  reply: Vendor,
});

export const OperatorTerminal = Type.Object({
  terminalId: IdSchema<TerminalId>('terminal'),
  /** A member's, or the contractor's own. */
  role: Type.Union([Type.Literal('member'), Type.Literal('reference'), Type.Literal('decoy')]),
  state: Type.Union([Type.Literal('active'), Type.Literal('revoked')]),
  name: Type.String(),
  lastSeenAt: Type.Optional(Instant),
  unitsOut: Type.Integer(),
});

export const listTerminals = defineRoute({
  name: 'listTerminals',
  method: 'GET',
  path: '/v1/terminals',
  access: ['operator'],
  summary: 'All terminals, with when each was last seen and what it holds.',
  query: PageQuery,
  reply: Page(OperatorTerminal),
});

export const revokeTerminal = defineRoute({
  name: 'revokeTerminal',
  method: 'POST',
  path: '/v1/terminals/:terminalId/revoke',
  access: ['operator'],
  summary: 'Give this terminal no more work. Takes effect within 5 seconds on every replica.',
  params: Type.Object({ terminalId: IdSchema<TerminalId>('terminal') }),
  body: Type.Object(
    { reason: Type.String({ minLength: 1, maxLength: 500 }) },
    { additionalProperties: false },
  ),
  reply: OperatorTerminal,
});

/** Thousandths of the card's price. */
const Factor = Type.Integer({ minimum: factorBounds.min, maximum: factorBounds.max });

const LevelFactors = Type.Object(
  { plain: Factor, economy: Factor, standard: Factor, high: Factor, strict: Factor },
  { additionalProperties: false },
);

/**
 * What work costs and earns: price and points for each `perFuel` of fuel. Versioned, and named on every invoice.
 * A rate is a pair so that it stays exact: real tariffs are fractions of a yen for 10^9 fuel.
 */
export const RateCard = Type.Object({
  version: Type.Integer(),
  /** The amount of fuel that `price` and `pointsMilli` are for, usually 10^9 or 10^12. */
  perFuel: IntegerText,
  /** Price for the customer, before tax. */
  price: Money,
  /** Points in thousandths that a member earns. */
  pointsMilli: IntegerText,
  /** Tax in hundredths of a percent: 1000 is 10 %. */
  taxBasisPoints: Type.Integer(),
  /** Fuel that the published reference machine computes in a second. */
  referenceFuelPerSecond: IntegerText,
  /** What each trust level costs, in thousandths of `price`. Without it all cost the same. */
  levelFactors: Type.Optional(LevelFactors),
  /** Of a card that is made for demonstrations, and dear for that reason: what a contractor usually takes. */
  demonstration: Type.Optional(Type.Object({ usualPerFuel: IntegerText, usualPrice: Money })),
});
export type RateCardText = Static<typeof RateCard>;

export const setRates = defineRoute({
  name: 'setRates',
  method: 'PUT',
  path: '/v1/rates/:version',
  access: ['operator'],
  summary: 'Publish the next version of the rate card. Jobs keep the version they were submitted under.',
  params: Type.Object({ version: Type.String({ pattern: '^[1-9][0-9]{0,8}$' }) }),
  body: Type.Omit(RateCard, ['version', 'demonstration']),
  reply: RateCard,
});

export const readRates = defineRoute({
  name: 'readRates',
  method: 'GET',
  path: '/v1/rates',
  access: ['public'],
  summary: 'The present rate card.',
  reply: RateCard,
});
