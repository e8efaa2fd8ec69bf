import type { Transaction } from '@taika/database/connect';
import { inTransaction } from '@taika/database/transaction';
import { exactMoneyText } from '@taika/documents/text';
import { ApiError } from '@taika/http/api-error';
import { balancesUnder } from '@taika/ledger/balance';
import { post } from '@taika/ledger/post';
import { contractorPaid } from '@taika/ledger/vendor-events';
import type { VendorContext } from '../context.ts';
import { insertContractorPayment, lockContractorPayments } from './queries.ts';

/** A payment of the contractor, as the bank has it. */
export interface ContractorPayment {
  readonly paymentId: string;
  readonly currency: string;
  readonly amountMilli: bigint;
  readonly reference: string;
}

/** Books what the contractor paid, once; false where it was booked before. Throws `wrong-state` for more than is owed, and then stores nothing. */
export async function recordContractorPayment(
  { sql, clock }: VendorContext,
  payment: ContractorPayment,
): Promise<boolean> {
  const { paymentId, currency, amountMilli, reference } = payment;
  if (amountMilli <= 0n || amountMilli >= 2n ** 63n) {
    throw new ApiError('bad-request', 'A payment is an amount above zero.');
  }
  return inTransaction(sql, async (tx) => {
    await lockContractorPayments(tx);
    const owed = await readOwed(tx);
    const at = clock.now();
    const outcome = await post(tx, {
      idempotencyKey: `contractor-paid:${paymentId}`,
      event: 'contractor-paid',
      command: { currency, amount: amountMilli, reference },
      at,
      postings: contractorPaid({ amount: amountMilli, currency }),
    });
    if (outcome.kind === 'idempotency-conflict') {
      throw new ApiError('idempotency-conflict', 'This id was used for another payment.');
    }
    if (outcome.kind === 'refused') {
      throw new Error(`The payment ${paymentId} could not be booked.`);
    }
    if (outcome.replayed) {
      return false;
    }
    checkOwed(owed, payment);
    await insertContractorPayment(tx, { ...payment, at });
    return true;
  });
}

/** What the contractor owes, by currency. */
async function readOwed(tx: Transaction): Promise<ReadonlyMap<string, bigint>> {
  const balances = await balancesUnder(tx, 'receivable:contractor');
  return new Map(balances.map(({ commodity, posted }) => [commodity, posted]));
}

/** Pure: a payment is in a currency of the book, and of what is owed at most. */
function checkOwed(
  owed: ReadonlyMap<string, bigint>,
  { currency, amountMilli }: Pick<ContractorPayment, 'currency' | 'amountMilli'>,
): void {
  const inCurrency = owed.get(currency);
  if (inCurrency === undefined && owed.size > 0) {
    const currencies = [...owed.keys()].join(', ');
    throw new ApiError(
      'bad-request',
      `The contractor owes ${currencies}, nothing in ${currency}. Book the payment in that currency.`,
    );
  }
  if (amountMilli > (inCurrency ?? 0n)) {
    throw new ApiError(
      'wrong-state',
      `The contractor owes ${exactMoneyText(inCurrency ?? 0n, currency)}, less than this payment. Look for one that was booked twice, or compare with \`taika books claims\`.`,
    );
  }
}
