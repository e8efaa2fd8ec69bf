import { inTransaction } from '@taika/database/transaction';
import { faultPoint } from '@taika/runtime/fault-points';
import type { StepOutcome } from '@taika/runtime/loop';
import type { DispatchContext } from '../context.ts';
import { deleteRowsOfUnits, listUnwantedRows, markRowsDeleted } from './delete-queries.ts';

/** Units of a batch. It takes some tens of milliseconds: nobody waits for its locks, and little is repeated after a crash. */
const usualBatchUnits = 10_000;
/** Batches of one job in a step, so that a job of fifty million units does not keep the others waiting. */
const batchesMax = 20;

/**
 * A step of a loop: deletes the rows of jobs that are wanted away (`markRowsUnwanted`), batch by batch from the first
 * unit to the last. How far it is stands in the job's row, so each batch finds its rows by their keys and passes over none
 * that were deleted before.
 */
export async function deleteJobRowsStep(
  { sql, clock }: Pick<DispatchContext, 'sql' | 'clock'>,
  signal: AbortSignal,
  batchUnits = usualBatchUnits,
): Promise<StepOutcome> {
  const jobs = await listUnwantedRows(sql);
  for (const { jobNumber, unitCount, ...job } of jobs) {
    let { deleted } = job;
    for (let batches = 0; deleted < unitCount && batches < batchesMax; batches++) {
      signal.throwIfAborted();
      const batch = { jobNumber, deleted, units: batchUnits };
      if (!(await inTransaction(sql, (tx) => deleteRowsOfUnits(tx, batch)))) {
        break;
      }
      faultPoint('rows-deleted');
      deleted += batchUnits;
    }
    if (deleted >= unitCount) {
      await markRowsDeleted(sql, jobNumber, clock.now());
    }
  }
  return jobs.length > 0 ? 'again' : 'idle';
}
