import { inTransaction } from '@taika/database/transaction';
import type { StepOutcome } from '@taika/runtime/loop';
import type { DispatchContext } from '../context.ts';
import { findFailure } from '../results/queries.ts';
import { moveJob } from './move-job.ts';
import { listSettled } from './queries.ts';

/** A step of a loop: jobs whose results are all in go on to merging, jobs with a failed unit fail. */
export async function settleJobsStep({ sql, clock }: DispatchContext): Promise<StepOutcome> {
  const settled = await listSettled(sql);
  for (const { jobNumber, failedResult } of settled) {
    const failure =
      failedResult === null ? undefined : await findFailure(sql, { jobNumber, assignmentId: failedResult });
    await inTransaction(sql, (tx) =>
      moveJob(tx, {
        jobNumber,
        event: failedResult === null ? 'all-in' : 'program-failed',
        detail: failure && describeFailure(failure),
        failure,
        now: clock.now(),
      }),
    );
  }
  return settled.length > 0 ? 'again' : 'idle';
}

function describeFailure({
  unit,
  exitCode,
  trap,
}: {
  unit: number;
  exitCode?: number;
  trap?: string;
}): string {
  return trap === undefined
    ? `Unit ${unit} ended with exit code ${exitCode}.`
    : `Unit ${unit} trapped: ${trap}.`;
}
