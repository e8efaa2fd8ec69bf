import { inTransaction } from '@taika/database/transaction';
import { releaseHold } from '@taika/ledger/resolve-hold';
import type { StepOutcome } from '@taika/runtime/loop';
import type { DispatchContext } from '../context.ts';
import { closeJobHold, lockJobToFree } from './queries.ts';

/**
 * Frees what is held for one job that failed or was cancelled and of which nothing was delivered: its customer owes
 * nothing. A step of a loop.
 */
export function releaseJobHoldStep({
  sql,
  clock,
}: Pick<DispatchContext, 'sql' | 'clock'>): Promise<StepOutcome> {
  return inTransaction(sql, async (tx) => {
    const job = await lockJobToFree(tx);
    if (job === undefined) {
      return 'idle';
    }
    const outcome = await releaseHold(tx, {
      idempotencyKey: `job:${job.id}:release`,
      event: 'job-released',
      command: { job: job.id },
      at: clock.now(),
      holdId: job.ledgerHoldId,
    });
    if (outcome.kind !== 'released') {
      throw new Error(`The hold of job ${job.id} is open and could not be released: ${outcome.kind}.`);
    }
    await closeJobHold(tx, job.number);
    return 'again';
  });
}
