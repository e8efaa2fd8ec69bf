import type { Blobs, StoredBlob } from './blobs.ts';

/**
 * Whether the bytes of a blob that has a row are in the store, all of them. A store may have lost what the database knows (a
 * disk, a bucket, a restored copy); then the blob is simply uploaded again.
 */
export async function isStored(blobs: Blobs, { sha256, bytes }: StoredBlob): Promise<boolean> {
  return (await blobs.size(sha256)) === bytes;
}
