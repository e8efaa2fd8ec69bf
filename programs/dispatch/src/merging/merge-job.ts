import type { SqlOrTransaction } from '@taika/database/connect';
import { inTransaction } from '@taika/database/transaction';
import { mergeOutputs } from '@taika/job/merge';
import { MergeError } from '@taika/job/merge-error';
import { faultPoint } from '@taika/runtime/fault-points';
import type { StepOutcome } from '@taika/runtime/loop';
import type { Blobs } from '../blobs/blobs.ts';
import { recordBlob } from '../blobs/record-blob.ts';
import type { DispatchContext } from '../context.ts';
import type { JobAttempts } from '../jobs/job-attempts.ts';
import { type JobMove, moveJob } from '../jobs/move-job.ts';
import { eachJobIn, type JobRow, readJobState, readUnitCount } from '../jobs/queries.ts';
import { lockJobWork } from '../jobs/work-queries.ts';
import { acceptedOutputs } from './accepted-outputs.ts';
import { unitNames } from './unit-names.ts';

/**
 * A step of a loop: merges the outputs of jobs whose results are all in (step 306). Streams from the database into one
 * blob. A crash leaves an incomplete file that nobody names, and the next step begins anew. A job that fails unexpectedly
 * waits for its next attempt, and the others go on.
 */
export async function mergeJobsStep(
  context: DispatchContext,
  blobs: Blobs,
  signal: AbortSignal,
  attempts: JobAttempts,
): Promise<StepOutcome> {
  for await (const job of eachJobIn(context.sql, 'merging', attempts.waiting())) {
    signal.throwIfAborted();
    const jobNumber = job.number;
    const work = () => mergeJob(context, blobs, job, signal);
    const endForMissing = (detail: string) =>
      refuse(context, { jobNumber, detail, reasonCode: 'data-missing' });
    await attempts.run({ jobNumber, work, endForMissing }, signal);
  }
  return 'idle';
}

async function mergeJob(
  context: DispatchContext,
  blobs: Blobs,
  job: JobRow,
  signal: AbortSignal,
): Promise<void> {
  const { sql, clock } = context;
  const jobNumber = job.number;
  try {
    await inTransaction(sql, async (tx) => {
      if (!(await lockJobWork(tx, jobNumber)) || (await readJobState(sql, jobNumber)) !== 'merging') {
        return;
      }
      const stored = await storeMerge(tx, blobs, job, signal);
      faultPoint('merge-written');
      const { customerNumber } = job;
      const owner = { kind: 'customer', customerNumber } as const;
      await recordBlob(tx, blobs, stored, { owner, now: clock.now() });
      await moveJob(tx, { jobNumber, event: 'merged', resultSha256: stored.sha256, now: clock.now() });
    });
  } catch (error) {
    if (!(error instanceof MergeError)) {
      throw error;
    }
    await refuse(context, { jobNumber, detail: error.message, failure: { unit: error.unit } });
  }
}

async function refuse(
  { sql, clock }: DispatchContext,
  refusal: Pick<JobMove, 'jobNumber' | 'detail' | 'reasonCode' | 'failure'>,
): Promise<void> {
  await inTransaction(sql, (tx) => moveJob(tx, { ...refusal, event: 'merge-refused', now: clock.now() }));
}

/** Merges what is accepted of a job into a blob. Throws MergeError naming the unit that does not fit. */
export async function storeMerge(
  tx: SqlOrTransaction,
  blobs: Blobs,
  { number: jobNumber, spec }: JobRow,
  signal: AbortSignal,
): ReturnType<Blobs['put']> {
  const unitCount = await readUnitCount(tx, jobNumber);
  const outputs = acceptedOutputs(tx, blobs, { jobNumber, unitCount });
  const names = spec.split.by === 'files' ? { names: unitNames(tx, { jobNumber, unitCount }) } : {};
  const merged = abortable(mergeOutputs(spec.merge, outputs, { unitCount, ...names }), signal);
  return blobs.put(merged, { bytesMax: Number.MAX_SAFE_INTEGER });
}

async function* abortable(
  source: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of source) {
    signal.throwIfAborted();
    yield chunk;
  }
}
