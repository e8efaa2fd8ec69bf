import { inTransaction } from '@taika/database/transaction';
import { ApiError } from '@taika/http/api-error';
import { post } from '@taika/ledger/post';
import { contractorPaid } from '@taika/ledger/vendor-events';
import type { VendorContext } from '../context.ts';

/** Books what the contractor paid, once. */
export async function recordContractorPayment(
  { sql, clock }: VendorContext,
  payment: {
    readonly paymentId: string;
    readonly currency: string;
    readonly amountMilli: bigint;
    readonly reference: string;
  },
): Promise<void> {
  const { paymentId, currency, amountMilli, reference } = payment;
  if (amountMilli <= 0n || amountMilli >= 2n ** 63n) {
    throw new ApiError('bad-request', 'A payment is an amount above zero.');
  }
  const outcome = await inTransaction(sql, (tx) =>
    post(tx, {
      idempotencyKey: `contractor-paid:${paymentId}`,
      event: 'contractor-paid',
      command: { currency, amount: amountMilli, reference },
      at: clock.now(),
      postings: contractorPaid({ amount: amountMilli, currency }),
    }),
  );
  if (outcome.kind === 'idempotency-conflict') {
    throw new ApiError('idempotency-conflict', 'This id was used for another payment.');
  }
}
