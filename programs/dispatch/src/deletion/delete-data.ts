import { inTransaction } from '@taika/database/transaction';
import { ApiError } from '@taika/http/api-error';
import { faultPoint } from '@taika/runtime/fault-points';
import type { StepOutcome } from '@taika/runtime/loop';
import type { DispatchContext } from '../context.ts';
import { findJobOwner } from '../jobs/queries.ts';
import type { JobWanted } from '../jobs/read-jobs.ts';
import { deleteRowsOfUnits, findJobToDelete, forgetJob, listParts, requestDeletion } from './queries.ts';

/** Asks that a job's data be deleted; a loop does it. Throws ApiError `not-found`, and `wrong-state` for one that has not ended. */
export async function askToDelete({ sql, clock }: DispatchContext, wanted: JobWanted): Promise<void> {
  if (await requestDeletion(sql, { ...wanted, now: clock.now() })) {
    return;
  }
  const job = await findJobOwner(sql, wanted.jobId);
  if (job === undefined || job.customerNumber !== wanted.customerNumber) {
    throw new ApiError('not-found', 'You have no job with this id.');
  }
  throw new ApiError('wrong-state', 'The job has not ended: cancel it first.');
}

const dayMs = 24 * 3600 * 1000;
/** Units of a batch. It takes some tens of milliseconds: dispatching goes on between them. */
const usualBatchUnits = 10_000;

/**
 * A step of a loop: deletes the data of one job, batch by batch from the first unit to the last, so that one of a million
 * units does not stop dispatch. How far it is stands in the job's row, so a crash goes on where it was. Its blobs are
 * collected when nothing names them any more.
 */
export async function deleteDataStep(
  context: DispatchContext,
  signal?: AbortSignal,
  batchUnits = usualBatchUnits,
): Promise<StepOutcome> {
  const { sql, clock, retentionDays } = context;
  const now = clock.now();
  const endedBefore = new Date(now.getTime() - retentionDays * dayMs);
  const jobNumber = await findJobToDelete(sql, { endedBefore });
  if (jobNumber === undefined) {
    return 'idle';
  }
  for (const part of await listParts(sql, jobNumber)) {
    for (let { deleted } = part; deleted < part.unitCount; deleted += batchUnits) {
      signal?.throwIfAborted();
      const batch = { jobNumber: part.jobNumber, deleted, units: batchUnits };
      if (!(await inTransaction(sql, (tx) => deleteRowsOfUnits(tx, batch)))) {
        // Another replica is at it: it goes on, or the next step finds how far it came.
        return 'again';
      }
      faultPoint('rows-deleted');
    }
  }
  await inTransaction(sql, (tx) => forgetJob(tx, { jobNumber, now }));
  return 'again';
}
