import { inTransaction } from '@taika/database/transaction';
import { ApiError } from '@taika/http/api-error';
import type { DispatchContext } from '../context.ts';
import { moveJob } from './move-job.ts';
import { findJobOwner, readJobState } from './queries.ts';
import type { JobWanted } from './read-jobs.ts';

/** Cancels a job; one that is cancelled already stays so. Throws ApiError `wrong-state` when it ended otherwise. */
export async function cancelJob(
  { sql, clock }: DispatchContext,
  { jobId, customerNumber }: JobWanted,
): Promise<{ readonly jobNumber: bigint }> {
  const job = await findJobOwner(sql, jobId);
  if (job === undefined || job.customerNumber !== customerNumber) {
    throw new ApiError('not-found', 'You have no job with this id.');
  }
  const jobNumber = job.number;
  const wasMoved = await inTransaction(sql, (tx) =>
    moveJob(tx, { jobNumber, event: 'cancelled', now: clock.now() }),
  );
  if (!wasMoved) {
    const state = await readJobState(sql, jobNumber);
    if (state !== 'cancelled') {
      throw new ApiError('wrong-state', `The job is ${state}: it cannot be cancelled any more.`, {
        extra: { state },
      });
    }
  }
  return { jobNumber };
}
