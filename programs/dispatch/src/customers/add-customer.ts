import { createApiKey } from '@taika/crypto/api-key';
import { inTransaction } from '@taika/database/transaction';
import { ApiError } from '@taika/http/api-error';
import type { DispatchContext } from '../context.ts';
import { type CustomerRow, findCustomer, insertCustomer, insertCustomerKey } from './queries.ts';

/** What the operator says of a new customer. */
export interface NewCustomer {
  readonly customerId: string;
  readonly name: string;
  /** Default, and all that is billed in so far: the contractor's own. */
  readonly currency?: string | undefined;
}

/** Enrols a customer. The key is given by the call that enrols and by no other; only its hash is kept. */
export async function addCustomer(
  { sql, clock, random, contractor }: DispatchContext,
  { customerId, name, currency = contractor.currency }: NewCustomer,
): Promise<{ customer: CustomerRow; key?: string }> {
  if (currency !== contractor.currency) {
    throw new ApiError('bad-request', `This contractor bills in ${contractor.currency}, not in ${currency}.`);
  }
  const createdAt = clock.now();
  const { key, hash } = await createApiKey('customer', random);
  const added = await inTransaction(sql, async (tx) => {
    const customer = await insertCustomer(tx, { id: customerId, name, currency, createdAt });
    if (customer !== undefined) {
      await insertCustomerKey(tx, { hash, customerNumber: customer.number, createdAt });
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
