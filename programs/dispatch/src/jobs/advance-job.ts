import { inTransaction } from '@taika/database/transaction';
import { faultPoint } from '@taika/runtime/fault-points';
import type { StepOutcome } from '@taika/runtime/loop';
import type { Blobs } from '../blobs/blobs.ts';
import { recordBlob } from '../blobs/record-blob.ts';
import type { DispatchContext } from '../context.ts';
import { beginPhase } from './begin-phase.ts';
import { type Following, followPhase } from './follow-phase.ts';
import type { JobAttempts } from './job-attempts.ts';
import { moveJob } from './move-job.ts';
import {
  absorbPhase,
  type EndedPhase,
  listEndedPhases,
  lockAtPhase,
  updateNextState,
} from './phase-queries.ts';

/**
 * A step of a loop: what a phase gave becomes the input of the phase after it, or the job's result (SPEC B8). Ending one
 * phase and beginning the next are one transaction that finds the job where it was, so a crash between two rounds
 * leaves the job at the ended phase, and the next step goes on from there. A job that fails unexpectedly waits for its next
 * attempt, and the others go on.
 */
export async function advanceJobsStep(
  context: DispatchContext,
  blobs: Blobs,
  signal: AbortSignal,
  attempts: JobAttempts,
): Promise<StepOutcome> {
  const ended = await listEndedPhases(context.sql, attempts.waiting());
  for (const phase of ended) {
    signal.throwIfAborted();
    const { jobNumber } = phase;
    const work = async () => {
      const following = await followPhase(blobs, phase);
      faultPoint('phase-followed');
      await goOn(context, blobs, phase, following);
    };
    const endForMissing = (detail: string) =>
      goOn(context, blobs, phase, { kind: 'failed', reasonCode: 'data-missing', detail, failure: undefined });
    await attempts.run({ jobNumber, work, endForMissing }, signal);
  }
  return ended.length > 0 ? 'again' : 'idle';
}

async function goOn(
  context: DispatchContext,
  blobs: Blobs,
  ended: EndedPhase,
  following: Following,
): Promise<void> {
  const { sql, clock } = context;
  const { jobNumber, customerNumber, jobSpec } = ended;
  await inTransaction(sql, async (tx) => {
    const isThere = await lockAtPhase(tx, ended);
    const now = clock.now();
    const stored = following.kind === 'failed' ? [] : following.stored;
    // Also where nobody needs them any more: bytes without a row would never be collected.
    for (const blob of stored) {
      await recordBlob(tx, blobs, blob, { owner: { kind: 'customer', customerNumber }, now });
    }
    if (!isThere) {
      return;
    }
    await absorbPhase(tx, { jobNumber, phaseNumber: ended.number });
    if (following.kind === 'failed') {
      await moveJob(tx, { jobNumber, event: 'phase-failed', ...following, now });
      return;
    }
    if (following.kind === 'done') {
      const { result, reasonCode } = following;
      await moveJob(tx, { jobNumber, event: 'phases-done', resultSha256: result.sha256, reasonCode, now });
      return;
    }
    const { phase, input, state } = following;
    if (ended.kind === 'next' && state !== undefined) {
      await updateNextState(tx, { jobNumber, state });
    }
    await beginPhase(context, tx, { jobNumber, jobSpec, phase, place: ended.place + 1, input, state });
    faultPoint('phase-begun');
  });
}
