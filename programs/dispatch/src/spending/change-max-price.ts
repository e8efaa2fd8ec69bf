import { inTransaction } from '@taika/database/transaction';
import { ApiError } from '@taika/http/api-error';
import { releaseHold } from '@taika/ledger/resolve-hold';
import type { MoneyText } from '@taika/protocol/schema';
import { holdForJob } from '../billing/hold-for-job.ts';
import { readMaxPrice } from '../billing/read-max-price.ts';
import type { DispatchContext } from '../context.ts';
import type { JobWanted } from '../jobs/read-jobs.ts';
import { lockBoundedJob, updateMaxPrice } from './queries.ts';

/**
 * Changes what a job may cost: what was held is freed and the new amount is held, all or nothing. A repeated call
 * changes nothing. Throws ApiError `not-found`, `wrong-state` for a job that has ended, `funds-short`.
 */
export async function changeMaxPrice(
  context: DispatchContext,
  wanted: JobWanted,
  maxPrice: MoneyText,
): Promise<void> {
  const { sql, clock } = context;
  await inTransaction(sql, async (tx) => {
    const job = await lockBoundedJob(tx, wanted);
    if (job === undefined) {
      throw new ApiError('not-found', 'You have no job with this id.');
    }
    const maxPriceMilli = readMaxPrice(context.contractor, { maxPrice }, job.priceMilli);
    if (!job.holdIsOpen || job.ledgerHoldId === null || maxPriceMilli === undefined) {
      throw new ApiError('wrong-state', `The job is ${job.state} and holds no money.`, {
        extra: { state: job.state },
      });
    }
    if (job.maxPriceMilli === maxPriceMilli) {
      return;
    }
    const released = await releaseHold(tx, {
      idempotencyKey: `job:${wanted.jobId}:hold:${job.ledgerHoldId}:replaced`,
      event: 'job-released',
      command: { job: wanted.jobId },
      at: clock.now(),
      holdId: job.ledgerHoldId,
    });
    if (released.kind !== 'released') {
      throw new Error(`The hold of job ${wanted.jobId} is open and could not be replaced: ${released.kind}.`);
    }
    const { customerNumber } = wanted;
    const ledgerHoldId = await holdForJob(tx, context, {
      jobId: wanted.jobId,
      customerNumber,
      maxPriceMilli,
      replaces: job.ledgerHoldId,
    });
    await updateMaxPrice(tx, { jobNumber: job.number, maxPriceMilli, ledgerHoldId });
  });
}
