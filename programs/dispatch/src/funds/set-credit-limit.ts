import type { Transaction } from '@taika/database/connect';
import { inTransaction } from '@taika/database/transaction';
import { ApiError } from '@taika/http/api-error';
import { creditGranted, creditWithdrawn } from '@taika/ledger/events';
import { formatMoney } from '@taika/ledger/money';
import { post } from '@taika/ledger/post';
import type { DispatchContext } from '../context.ts';
import { checkAmount, type MoneyGiven } from './check-amount.ts';
import { findCreditLimit, insertCreditLimit, lockCustomer, readCreditLimit } from './queries.ts';

/** What the operator says of a customer's credit. */
export interface NewCreditLimit {
  readonly creditLimitId: string;
  readonly customerId: string;
  readonly limit: MoneyGiven;
}

/** Puts a credit limit in force. A repeated call changes nothing. Throws `conflict` when more than the limit is owed or held. */
export function setCreditLimit(
  context: DispatchContext,
  wanted: NewCreditLimit,
): Promise<{ customerNumber: bigint }> {
  const limitMilli = checkAmount(context, wanted.limit, 0n);
  return inTransaction(context.sql, async (tx) => {
    const customer = await lockCustomer(tx, wanted.customerId);
    if (customer === undefined) {
      throw new ApiError('not-found', 'There is no customer with this id.');
    }
    const customerNumber = customer.number;
    const known = await findCreditLimit(tx, wanted.creditLimitId);
    if (known === undefined) {
      await changeCreditLimit(tx, context, { id: wanted.creditLimitId, customerNumber, limitMilli });
    } else if (known.customerNumber !== customerNumber || known.limitMilli !== limitMilli) {
      throw new ApiError('idempotency-conflict', 'Another limit was set under this id.');
    }
    return { customerNumber };
  });
}

/** The same within a transaction that has locked the customer, or has just enrolled it. */
export async function changeCreditLimit(
  tx: Transaction,
  { clock, contractor }: Pick<DispatchContext, 'clock' | 'contractor'>,
  { id, customerNumber, limitMilli }: { id: string; customerNumber: bigint; limitMilli: bigint },
): Promise<void> {
  const { currency } = contractor;
  const customer = String(customerNumber);
  const change = limitMilli - (await readCreditLimit(tx, customerNumber));
  const at = clock.now();
  if (change !== 0n) {
    const outcome = await post(tx, {
      idempotencyKey: `credit-limit:${id}`,
      event: 'credit-limit-set',
      command: { id, customer, limit: limitMilli, change },
      at,
      postings:
        change > 0n
          ? creditGranted({ customer, amount: change, currency })
          : creditWithdrawn({ customer, amount: -change, currency }),
    });
    if (outcome.kind === 'refused') {
      const lowest = limitMilli + (outcome.shortBy ?? 0n);
      throw new ApiError(
        'conflict',
        `${formatMoney(lowest, currency)} ${currency} are owed or held on credit: the limit cannot be lower.`,
      );
    }
    if (outcome.kind !== 'posted') {
      throw new ApiError('idempotency-conflict', 'Another limit was set under this id.');
    }
  }
  await insertCreditLimit(tx, { id, customerNumber, currency, limitMilli, changeMilli: change, setAt: at });
}
