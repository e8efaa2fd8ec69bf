import { type Static, Type } from 'typebox';
import { defineRoute } from '../route.ts';
import {
  type CreditLimitId,
  Currency,
  type CustomerId,
  IdSchema,
  Instant,
  Money,
  type PaymentId,
} from '../schema.ts';

/** What a customer can pay with. A job is accepted when `available` covers the most that it may cost, tax included. */
export const Funds = Type.Object({
  currency: Currency,
  /** Paid in advance and not spent; what jobs hold is part of it. */
  deposit: Money,
  /** How far the customer may owe. */
  creditLimit: Money,
  /** Invoiced and not paid. */
  owed: Money,
  /** Set aside for jobs that have not ended. */
  held: Money,
  /** Free for another job. */
  available: Money,
});
export type FundsText = Static<typeof Funds>;

export const Payment = Type.Object({
  paymentId: IdSchema<PaymentId>('payment'),
  customerId: IdSchema<CustomerId>('customer'),
  kind: Type.Union([Type.Literal('deposit'), Type.Literal('payment'), Type.Literal('return')]),
  amount: Money,
  /** What of it settled invoices; the rest went to the deposit. */
  settled: Money,
  reference: Type.Optional(Type.String()),
  receivedAt: Instant,
});

export const recordPayment = defineRoute({
  name: 'recordPayment',
  method: 'PUT',
  path: '/v1/payments/:paymentId',
  access: ['operator'],
  summary:
    'A customer paid in advance (`deposit`), paid what it owes (`payment`, the rest goes to its deposit), or was given deposit back (`return`).',
  params: Type.Object({ paymentId: IdSchema<PaymentId>('payment, made by the operator') }),
  body: Type.Object(
    {
      customerId: IdSchema<CustomerId>('customer'),
      kind: Type.Union([Type.Literal('deposit'), Type.Literal('payment'), Type.Literal('return')]),
      amount: Money,
      /** As on the bank's statement. */
      reference: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })),
    },
    { additionalProperties: false },
  ),
  reply: Type.Object({ payment: Payment, funds: Funds }),
});

export const setCreditLimit = defineRoute({
  name: 'setCreditLimit',
  method: 'PUT',
  path: '/v1/credit-limits/:creditLimitId',
  access: ['operator'],
  summary: 'Say how far a customer may owe. It cannot go below what is owed and held on credit already.',
  params: Type.Object({ creditLimitId: IdSchema<CreditLimitId>('credit limit, made by the operator') }),
  body: Type.Object(
    { customerId: IdSchema<CustomerId>('customer'), limit: Money },
    { additionalProperties: false },
  ),
  reply: Funds,
});

export const readCustomerFunds = defineRoute({
  name: 'readCustomerFunds',
  method: 'GET',
  path: '/v1/customers/:customerId/funds',
  access: ['operator'],
  summary: 'What a customer has, owes and holds.',
  params: Type.Object({ customerId: IdSchema<CustomerId>('customer') }),
  reply: Funds,
});

export const readFunds = defineRoute({
  name: 'readFunds',
  method: 'GET',
  path: '/v1/customer/funds',
  access: ['customer'],
  summary: 'What this customer has, owes and holds.',
  reply: Funds,
});
