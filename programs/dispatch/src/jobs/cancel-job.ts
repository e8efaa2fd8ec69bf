import { inTransaction } from '@taika/database/transaction';
import { ApiError } from '@taika/http/api-error';
import type { DispatchContext } from '../context.ts';
import { moveJob } from './move-job.ts';
import { absorbPhase, readCurrentPhase } from './phase-queries.ts';
import { findJobOwner, readJobState } from './queries.ts';
import type { JobWanted } from './read-jobs.ts';

/** Cancels a job, with the phase that it is at; one that is cancelled already stays so. `numbers` are what was computed. Throws ApiError `wrong-state` when it ended otherwise. */
export async function cancelJob(
  { sql, clock }: DispatchContext,
  { jobId, customerNumber }: JobWanted,
): Promise<{ readonly numbers: readonly bigint[] }> {
  const job = await findJobOwner(sql, jobId);
  if (job === undefined || job.customerNumber !== customerNumber) {
    throw new ApiError('not-found', 'You have no job with this id.');
  }
  const jobNumber = job.number;
  const numbers = [jobNumber];
  const wasMoved = await inTransaction(sql, async (tx) => {
    const now = clock.now();
    const wasMoved = await moveJob(tx, { jobNumber, event: 'cancelled', now });
    const phaseNumber = wasMoved ? await readCurrentPhase(tx, jobNumber) : undefined;
    if (phaseNumber !== undefined) {
      // False when the phase ended already and nothing followed it yet: its work counts all the same.
      await moveJob(tx, { jobNumber: phaseNumber, event: 'cancelled', now });
      await absorbPhase(tx, { jobNumber, phaseNumber });
      numbers.push(phaseNumber);
    }
    return wasMoved;
  });
  if (!wasMoved) {
    const state = await readJobState(sql, jobNumber);
    if (state !== 'cancelled') {
      throw new ApiError('wrong-state', `The job is ${state}: it cannot be cancelled any more.`, {
        extra: { state },
      });
    }
  }
  return { numbers };
}
