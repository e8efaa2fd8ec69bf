import { Type } from 'typebox';
import { defineRoute } from '../route.ts';
import { type Id, IdSchema, type MemberId, Money } from '../schema.ts';

const facts = {
  memberId: IdSchema<MemberId>('member'),
  /** `paid-back`: money given back for a refunded order. */
  direction: Type.Union([Type.Literal('received'), Type.Literal('paid-back')]),
  amount: Money,
  reference: Type.String({ minLength: 1, maxLength: 200 }),
};

export const recordMemberPayment = defineRoute({
  name: 'recordMemberPayment',
  method: 'PUT',
  path: '/v1/member-payments/:paymentId',
  access: ['operator'],
  summary:
    'Record that a member paid for orders, or was paid back for refunded ones. Never more than is owed; the same id is booked once.',
  params: Type.Object({ paymentId: IdSchema<Id<'payment'>>('payment, made by the operator') }),
  body: Type.Object(facts, { additionalProperties: false }),
  reply: Type.Object({
    paymentId: IdSchema<Id<'payment'>>('payment'),
    ...facts,
    /** What the member owes afterwards; below zero: is owed. */
    owed: Money,
    bookedBefore: Type.Boolean(),
  }),
});
