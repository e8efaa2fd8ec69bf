import { inTransaction } from '@taika/database/transaction';
import { ApiError } from '@taika/http/api-error';
import type { StepOutcome } from '@taika/runtime/loop';
import type { DispatchContext } from '../context.ts';
import { findJobOwner } from '../jobs/queries.ts';
import type { JobWanted } from '../jobs/read-jobs.ts';
import { bulkTables, deleteRows, findJobToDelete, forgetJob, listParts, requestDeletion } from './queries.ts';

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
/** A statement of so many rows takes some tens of milliseconds: dispatching goes on between them. */
const rowsMax = 20_000;

/**
 * A step of a loop: deletes the data of one job, in small statements, so that one of a million units does not stop
 * dispatch. A crash leaves rows that the next step finds. Its blobs are collected when nothing names them any more.
 */
export async function deleteDataStep(context: DispatchContext, signal?: AbortSignal): Promise<StepOutcome> {
  const { sql, clock, retentionDays } = context;
  const now = clock.now();
  const endedBefore = new Date(now.getTime() - retentionDays * dayMs);
  const jobNumber = await findJobToDelete(sql, { endedBefore });
  if (jobNumber === undefined) {
    return 'idle';
  }
  for (const part of await listParts(sql, jobNumber)) {
    for (const table of bulkTables) {
      while ((await deleteRows(sql, { table, jobNumber: part, rowsMax })) > 0) {
        signal?.throwIfAborted();
      }
    }
  }
  await inTransaction(sql, (tx) => forgetJob(tx, { jobNumber, now }));
  return 'again';
}
