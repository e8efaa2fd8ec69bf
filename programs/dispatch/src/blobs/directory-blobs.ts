import { randomUUID } from 'node:crypto';
import { type FileHandle, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { ApiError } from '@taika/http/api-error';
import type { ByteRange } from '@taika/http/byte-range';
import type { Blobs, PutOptions, StoredBlob } from './blobs.ts';
import { openDirectoryParts } from './directory-parts.ts';
import { isMissing } from './file-errors.ts';
import { streamBytes, writeDurably } from './write-durably.ts';

/**
 * Opens a store in a directory, made when missing: `DIR/ab/abcdef…`, `DIR/incoming` for what is not complete yet, and
 * `DIR/parts` for uploads that were interrupted. Its addresses are those of our own server, which `signUrl` makes.
 */
export async function openDirectoryBlobs(
  directory: string,
  signUrl: (sha256: string, until: Date) => string,
): Promise<Blobs> {
  const incoming = join(directory, 'incoming');
  await mkdir(incoming, { recursive: true });
  await dropStale(incoming);
  const pathOf = (sha256: string) => join(directory, sha256.slice(0, 2), sha256);
  return {
    put: (source, options) => put(source, options, join(incoming, randomUUID()), pathOf),
    async open(sha256, range) {
      const file = await openFile(pathOf(sha256), sha256);
      // A stream's `end` is inclusive, so nothing cannot be asked for by range.
      const bounds = range && { start: range.offset, end: range.offset + range.length - 1 };
      return range?.length === 0
        ? emptyStream(file)
        : file.createReadStream({ highWaterMark: streamBytes, ...bounds });
    },
    async read(sha256, { offset, length }: ByteRange) {
      await using file = await openFile(pathOf(sha256), sha256);
      const bytes = Buffer.allocUnsafe(length);
      const { bytesRead } = await file.read(bytes, 0, length, offset);
      if (bytesRead !== length) {
        throw new ApiError('not-found', `The blob ${sha256} ends before byte ${offset + length}.`);
      }
      return bytes;
    },
    async size(sha256) {
      try {
        return (await stat(pathOf(sha256))).size;
      } catch (error) {
        if (isMissing(error)) {
          return undefined;
        }
        throw error;
      }
    },
    remove: (sha256) => rm(pathOf(sha256), { force: true }),
    urlOf: async (sha256, until) => signUrl(sha256, until),
    parts: openDirectoryParts(join(directory, 'parts')),
  };
}

/** No upload that is still going on is older: another replica may share the directory. */
const staleMs = 24 * 3600 * 1000;

async function put(
  source: AsyncIterable<Uint8Array>,
  { sha256: promised, bytesMax }: PutOptions,
  temporary: string,
  pathOf: (sha256: string) => string,
): Promise<StoredBlob> {
  try {
    const stored = await writeDurably(source, temporary, bytesMax);
    if (promised !== undefined && promised !== stored.sha256) {
      throw new ApiError('digest-mismatch', `${stored.bytes} bytes came, and they hash to ${stored.sha256}.`);
    }
    const path = pathOf(stored.sha256);
    await mkdir(dirname(path), { recursive: true });
    await rename(temporary, path);
    await syncDirectory(dirname(path));
    return stored;
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/** The new name is safe only once its directory is. */
async function syncDirectory(path: string): Promise<void> {
  await using directory = await open(path, 'r');
  await directory.sync();
}

async function openFile(path: string, sha256: string): Promise<FileHandle> {
  try {
    return await open(path, 'r');
  } catch (error) {
    throw isMissing(error)
      ? new ApiError('not-found', `There is no blob ${sha256}.`, { cause: error })
      : error;
  }
}

async function emptyStream(file: FileHandle) {
  await file.close();
  return Readable.from([]);
}

async function dropStale(incoming: string): Promise<void> {
  const oldest = Date.now() - staleMs;
  for (const name of await readdir(incoming)) {
    const path = join(incoming, name);
    const found = await stat(path).catch(() => undefined);
    if (found !== undefined && found.mtimeMs < oldest) {
      await rm(path, { force: true });
    }
  }
}
