import type { Writable } from 'node:stream';
import type { SqlOrTransaction } from '@taika/database/connect';

/** Any number that no other advisory lock of ours uses. */
const lockClass = 741_302;

/**
 * Makes this transaction the only one that splits or merges the job; false when another replica is at it. An advisory
 * lock and not the job's row, so that the customer can cancel meanwhile.
 */
export async function lockJobWork(tx: SqlOrTransaction, jobNumber: bigint): Promise<boolean> {
  const [row] = await tx<{ isLocked: boolean }[]>`
    select pg_try_advisory_xact_lock(${lockClass}, (${jobNumber} % 2147483647)::int) as is_locked
  `;
  return row?.isLocked === true;
}

/** A stream that takes a job's units as lines of `COPY`'s text form: job number, index, offset and length in the input, name. */
export function openUnitCopy(tx: SqlOrTransaction): Promise<Writable> {
  return tx`
    copy unit (job_number, index, input_offset, input_length, name)
    from stdin
  `.writable();
}
