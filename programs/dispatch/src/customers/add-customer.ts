import { createApiKey } from '@taika/crypto/api-key';
import { inTransaction } from '@taika/database/transaction';
import { ApiError } from '@taika/http/api-error';
import type { DispatchContext } from '../context.ts';
import { checkAmount, type MoneyGiven } from '../funds/check-amount.ts';
import { changeCreditLimit } from '../funds/set-credit-limit.ts';
import { type CustomerRow, findCustomer, insertCustomer, insertCustomerKey } from './queries.ts';

/** What the operator says of a new customer. */
export interface NewCustomer {
  readonly customerId: string;
  readonly name: string;
  /** Default, and all that is billed in so far: the contractor's own. */
  readonly currency?: string | undefined;
  /** How far it may owe; without it, it pays in advance. */
  readonly creditLimit?: MoneyGiven | undefined;
}

/** Enrols a customer. The key is given by the call that enrols and by no other; only its hash is kept. */
export async function addCustomer(
  context: DispatchContext,
  { customerId, name, creditLimit, currency = context.contractor.currency }: NewCustomer,
): Promise<{ customer: CustomerRow; key?: string }> {
  const { sql, clock, random, contractor } = context;
  if (currency !== contractor.currency) {
    throw new ApiError('bad-request', `This contractor bills in ${contractor.currency}, not in ${currency}.`);
  }
  const limitMilli = creditLimit === undefined ? 0n : checkAmount(context, creditLimit, 0n);
  const createdAt = clock.now();
  const { key, hash } = await createApiKey('customer', random);
  const added = await inTransaction(sql, async (tx) => {
    const customer = await insertCustomer(tx, { id: customerId, name, currency, createdAt });
    if (customer !== undefined) {
      await insertCustomerKey(tx, { hash, customerNumber: customer.number, createdAt });
      if (limitMilli > 0n) {
        await changeCreditLimit(tx, context, { id: customerId, customerNumber: customer.number, limitMilli });
      }
    }
    return customer;
  });
  if (added !== undefined) {
    return { customer: added, key };
  }
  const known = await findCustomer(sql, customerId);
  if (known === undefined || known.name !== name || known.currency !== currency) {
    throw new ApiError('idempotency-conflict', 'A customer with this id is enrolled under another name.');
  }
  return { customer: known };
}
