import type { Transaction } from '@taika/database/connect';
import { ApiError } from '@taika/http/api-error';
import { formatMoney } from '@taika/ledger/money';
import { placeHold } from '@taika/ledger/place-hold';
import type { Contractor, DispatchContext } from '../context.ts';
import { fundAccounts } from '../funds/funds.ts';

/** A job that is to be accepted. */
export interface JobToHold {
  readonly jobId: string;
  readonly customerNumber: bigint;
  /** The most that it may cost, tax included. */
  readonly maxPriceMilli: bigint;
  /** The hold that this one stands in for, where the customer changed the price. */
  readonly replaces?: bigint;
}

/**
 * Sets aside the most that a job may cost, from the customer's deposit first and then from its credit. Throws
 * `funds-short` when both together do not cover it; that rolls the acceptance back, so the same job may be sent again.
 */
export async function holdForJob(
  tx: Transaction,
  {
    clock,
    contractor,
  }: Pick<DispatchContext, 'clock'> & { readonly contractor: Pick<Contractor, 'currency'> },
  { jobId, customerNumber, maxPriceMilli, replaces }: JobToHold,
): Promise<bigint> {
  const { currency } = contractor;
  const outcome = await placeHold(tx, {
    idempotencyKey: replaces === undefined ? `job:${jobId}:accept` : `job:${jobId}:accept:${replaces}`,
    event: 'job-accepted',
    command: { job: jobId, customer: String(customerNumber) },
    at: clock.now(),
    from: fundAccounts(customerNumber),
    commodity: currency,
    amount: maxPriceMilli,
  });
  switch (outcome.kind) {
    case 'held':
      return outcome.holdId;
    case 'idempotency-conflict':
      throw new ApiError('idempotency-conflict', 'There is another job with this id.');
    case 'refused': {
      const freeMilli = maxPriceMilli - (outcome.shortBy ?? 0n);
      const money = (amount: bigint) => `${formatMoney(amount, currency)} ${currency}`;
      throw new ApiError(
        'funds-short',
        `The job may cost ${money(maxPriceMilli)}, tax included; ${money(freeMilli)} are free.`,
        {
          extra: {
            currency,
            wantedMilli: String(maxPriceMilli),
            availableMilli: String(freeMilli),
          },
        },
      );
    }
  }
}
