import { inTransaction } from '@taika/database/transaction';
import { faultPoint } from '@taika/runtime/fault-points';
import type { Blobs } from '../blobs/blobs.ts';
import type { DispatchContext } from '../context.ts';
import { deleteRemoval, listRemovals, lockRemoval } from './collect-queries.ts';

/**
 * Removes the bytes of blobs whose rows the collector deleted, now or before a crash. Each is locked while its bytes go: who
 * stores the same bytes waits, looks for them once more, and sends them again (record-blob.ts). One that the store does not
 * remove keeps no other; the first such error is thrown at the end, and the next step tries again.
 */
export async function removeBytes({ sql }: Pick<DispatchContext, 'sql'>, blobs: Blobs): Promise<void> {
  const errors: unknown[] = [];
  for (const sha256 of await listRemovals(sql)) {
    try {
      await inTransaction(sql, async (tx) => {
        const found = await lockRemoval(tx, sha256);
        if (found === 'gone') {
          return;
        }
        if (found === 'unnamed') {
          await blobs.remove(sha256);
          faultPoint('blob-bytes-removed');
        }
        await deleteRemoval(tx, sha256);
      });
    } catch (error) {
      errors.push(error);
    }
  }
  if (errors.length > 0) {
    throw new Error(`The bytes of ${errors.length} blobs could not be removed.`, { cause: errors[0] });
  }
}
