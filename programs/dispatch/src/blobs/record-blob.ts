import type { Transaction } from '@taika/database/connect';
import { ApiError } from '@taika/http/api-error';
import type { Blobs, StoredBlob } from './blobs.ts';
import { type BlobOwner, cancelRemoval, insertBlob } from './queries.ts';

/**
 * Records a blob that was just stored. The collector may have been deleting the same bytes: recording waits for it, and
 * then the bytes are looked for once more. Throws ApiError `unavailable` when they are gone: they must be stored again, and
 * the caller's transaction takes the row back.
 */
export async function recordBlob(
  tx: Transaction,
  blobs: Blobs,
  stored: StoredBlob,
  { owner, now }: { readonly owner: BlobOwner | undefined; readonly now: Date },
): Promise<void> {
  await insertBlob(tx, stored, owner, now);
  await cancelRemoval(tx, stored.sha256);
  if ((await blobs.size(stored.sha256)) === undefined) {
    throw new ApiError('unavailable', 'The same bytes were being deleted: send them again.');
  }
}
