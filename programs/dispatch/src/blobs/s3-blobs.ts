import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { ApiError } from '@taika/http/api-error';
import type { ByteRange } from '@taika/http/byte-range';
import type { Blobs, PutOptions, StoredBlob } from './blobs.ts';
import { openS3Parts } from './s3-parts.ts';
import type { S3Store } from './s3-store.ts';
import { gather, writeDurably } from './write-durably.ts';

/** Larger blobs go in several requests, each of this size: S3 takes at most 10,000, so 64 GiB fit. */
const partBytes = 16 * 1024 * 1024;
/** S3 signs for at most a week. */
const urlSecondsMax = 7 * 24 * 3600;

/**
 * Opens a store in S3 or what speaks its protocol: `blobs/SHA256`. What is stored is written to `spoolDirectory` first,
 * because an object cannot be renamed and must not appear under a digest that its bytes do not have. Terminals read by
 * addresses that the store itself serves.
 */
export async function openS3Blobs(store: S3Store, spoolDirectory: string): Promise<Blobs> {
  await mkdir(spoolDirectory, { recursive: true });
  // Nothing there is named by anybody once the process that wrote it has ended.
  for (const name of await readdir(spoolDirectory)) {
    await rm(join(spoolDirectory, name), { force: true });
  }
  return {
    put: (source, options) => put(store, source, options, join(spoolDirectory, randomUUID())),
    async open(sha256, range) {
      if (range?.length === 0) {
        return (await store.size(keyOf(sha256))) === undefined ? notFound(sha256) : Readable.from([]);
      }
      return (await store.get(keyOf(sha256), range)) ?? notFound(sha256);
    },
    read: (sha256, range) => read(store, sha256, range),
    size: (sha256) => store.size(keyOf(sha256)),
    remove: (sha256) => store.remove(keyOf(sha256)),
    async urlOf(sha256, until) {
      const seconds = Math.ceil((until.getTime() - Date.now()) / 1000);
      return store.urlOf(keyOf(sha256), Math.min(Math.max(seconds, 1), urlSecondsMax));
    },
    parts: openS3Parts(store),
  };
}

function keyOf(sha256: string): string {
  return `blobs/${sha256}`;
}

async function put(
  store: S3Store,
  source: AsyncIterable<Uint8Array>,
  { sha256: promised, bytesMax }: PutOptions,
  temporary: string,
): Promise<StoredBlob> {
  try {
    const stored = await writeDurably(source, temporary, bytesMax);
    if (promised !== undefined && promised !== stored.sha256) {
      throw new ApiError('digest-mismatch', `${stored.bytes} bytes came, and they hash to ${stored.sha256}.`);
    }
    if (stored.bytes <= partBytes) {
      await store.put(keyOf(stored.sha256), await readFile(temporary));
    } else {
      await store.putParts(keyOf(stored.sha256), gather(createReadStream(temporary), partBytes));
    }
    return stored;
  } finally {
    await rm(temporary, { force: true });
  }
}

async function read(store: S3Store, sha256: string, range: ByteRange): Promise<Buffer> {
  if (range.length === 0) {
    return (await store.size(keyOf(sha256))) === undefined ? notFound(sha256) : Buffer.alloc(0);
  }
  const stream = await store.get(keyOf(sha256), range);
  const bytes = stream === undefined ? undefined : await buffer(stream);
  if (bytes?.length !== range.length) {
    throw new ApiError('not-found', `The blob ${sha256} ends before byte ${range.offset + range.length}.`);
  }
  return bytes;
}

function notFound(sha256: string): never {
  throw new ApiError('not-found', `There is no blob ${sha256}.`);
}
