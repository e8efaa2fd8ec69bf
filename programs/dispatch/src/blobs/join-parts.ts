import { inTransaction } from '@taika/database/transaction';
import { ApiError } from '@taika/http/api-error';
import { limits } from '@taika/protocol/limits';
import type { CustomerCaller, DispatchContext } from '../context.ts';
import type { Blobs, StoredBlob } from './blobs.ts';
import { isStored } from './is-stored.ts';
import { findOwnedBlobs } from './queries.ts';
import { recordBlob } from './record-blob.ts';

/** Under which parts wait: those of two customers never mix, whatever they say that they upload. */
export function partsKey(customerNumber: bigint, sha256: string): string {
  return `${customerNumber}-${sha256}`;
}

/**
 * Puts the parts of an upload together. A repeated call finds the blob. Throws ApiError `not-found` when a part is
 * missing, `digest-mismatch` when the parts are not the blob: then they are deleted, since nobody knows which is wrong.
 */
export async function joinParts(
  { sql, clock }: DispatchContext,
  blobs: Blobs,
  upload: { readonly sha256: string; readonly parts: number; readonly owner: CustomerCaller },
): Promise<StoredBlob> {
  const { sha256, parts, owner } = upload;
  const known = (await findOwnedBlobs(sql, [sha256], owner)).get(sha256);
  const key = partsKey(owner.customerNumber, sha256);
  if (known !== undefined && (await isStored(blobs, { sha256, bytes: known }))) {
    await blobs.parts.remove(key);
    return { sha256, bytes: known };
  }
  try {
    const source = blobs.parts.open(key, parts);
    const stored = await blobs.put(source, { sha256, bytesMax: limits.blobBytesMax });
    await inTransaction(sql, (tx) => recordBlob(tx, blobs, stored, { owner, now: clock.now() }));
    await blobs.parts.remove(key);
    return stored;
  } catch (error) {
    if (error instanceof ApiError && error.code === 'digest-mismatch') {
      await blobs.parts.remove(key);
    }
    throw error;
  }
}
