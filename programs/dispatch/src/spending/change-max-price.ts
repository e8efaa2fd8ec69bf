import { inTransaction } from '@taika/database/transaction';
import { ApiError } from '@taika/http/api-error';
import { formatMoney } from '@taika/ledger/money';
import { releaseHold } from '@taika/ledger/resolve-hold';
import type { MoneyText } from '@taika/protocol/schema';
import { holdForJob } from '../billing/hold-for-job.ts';
import { readMaxPrice } from '../billing/read-max-price.ts';
import type { DispatchContext } from '../context.ts';
import type { JobWanted } from '../jobs/read-jobs.ts';
import { lockBoundedJob, lockSpending, updateMaxPrice } from './queries.ts';
import { lowestMaxPrice } from './spending.ts';

/** States in which there may be units to hand out. A job that is `provisional` may come back to them. */
const changeable: ReadonlySet<string> = new Set(['splitting', 'running', 'provisional']);

/**
 * Changes what a job may cost: what was held is freed and the new amount is held, all or nothing. A repeated call
 * changes nothing. What is accepted and what is out at terminals has to be paid: a bound below that is refused, and so is
 * any once everything is computed. Throws ApiError `not-found`, `wrong-state`, `job-refused`, `funds-short`.
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
    if (!changeable.has(job.state)) {
      throw new ApiError(
        'wrong-state',
        `The job is ${job.state}: what it may cost cannot be changed any more.`,
        { extra: { state: job.state } },
      );
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
    const spending = await lockSpending(tx, job);
    const lowestMilli = spending === undefined ? 0n : lowestMaxPrice(spending);
    if (maxPriceMilli < lowestMilli) {
      const { currency } = context.contractor;
      throw new ApiError(
        'wrong-state',
        `The job may not cost less than ${formatMoney(lowestMilli, currency)} ${currency}, tax included: so much is computed already or out at terminals. Say that or more.`,
        { extra: { state: job.state, currency, lowestMilli: String(lowestMilli) } },
      );
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
