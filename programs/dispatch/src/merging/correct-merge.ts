import { inTransaction } from '@taika/database/transaction';
import { MergeError } from '@taika/job/merge-error';
import { faultPoint } from '@taika/runtime/fault-points';
import type { StepOutcome } from '@taika/runtime/loop';
import type { Blobs } from '../blobs/blobs.ts';
import { recordBlob } from '../blobs/record-blob.ts';
import type { DispatchContext } from '../context.ts';
import type { JobAttempts } from '../jobs/job-attempts.ts';
import { findJobRow } from '../jobs/queries.ts';
import { lockJobWork } from '../jobs/work-queries.ts';
import { listWaitingCorrections, lockCorrection, updateCorrected } from '../trust/correction-queries.ts';
import { storeMerge } from './merge-job.ts';

/** A step of a loop: merges again the jobs of which a final result was found wrong after they were done (TRUST.md, recall). */
export async function correctMergesStep(
  context: DispatchContext,
  blobs: Blobs,
  signal: AbortSignal,
  attempts: JobAttempts,
): Promise<StepOutcome> {
  const waiting = await listWaitingCorrections(context.sql, attempts.waiting());
  for (const correction of waiting) {
    signal.throwIfAborted();
    const work = () => correctMerge(context, blobs, correction, signal);
    await attempts.run({ jobNumber: correction.jobNumber, work }, signal);
  }
  return 'idle';
}

async function correctMerge(
  { sql, clock, log }: DispatchContext,
  blobs: Blobs,
  { jobNumber, revision }: { readonly jobNumber: bigint; readonly revision: number },
  signal: AbortSignal,
): Promise<void> {
  try {
    await inTransaction(sql, async (tx) => {
      // Locked, so that a result found wrong from now on is another revision's.
      if (!(await lockJobWork(tx, jobNumber)) || !(await lockCorrection(tx, { jobNumber, revision }))) {
        return;
      }
      const job = await findJobRow(tx, jobNumber);
      const stored = await storeMerge(tx, blobs, job, signal);
      const { customerNumber } = job;
      const owner = { kind: 'customer', customerNumber } as const;
      await recordBlob(tx, blobs, stored, { owner, now: clock.now() });
      await updateCorrected(tx, { jobNumber, revision, resultSha256: stored.sha256, now: clock.now() });
      faultPoint('corrected');
    });
  } catch (error) {
    if (!(error instanceof MergeError)) {
      throw error;
    }
    // The reference's own output does not fit the merge: the operator must look, the customer keeps what there is.
    log.error({ jobNumber: String(jobNumber), err: error }, 'A corrected result could not be merged.');
  }
}
