import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { ApiError } from '@taika/http/api-error';
import type { StoredBlob } from './blobs.ts';
import { isFull } from './file-errors.ts';

/** Writes a stream into a new file, safe on the disk before it resolves. Throws ApiError `too-large`, `disk-full`. */
export async function writeDurably(
  source: AsyncIterable<Uint8Array>,
  path: string,
  bytesMax: number,
): Promise<StoredBlob> {
  const hash = createHash('sha256');
  let bytes = 0;
  try {
    await using file = await open(path, 'wx');
    for await (const chunk of gather(source)) {
      bytes += chunk.length;
      if (bytes > bytesMax) {
        throw tooLarge(bytesMax);
      }
      hash.update(chunk);
      await writeAll(file, chunk);
    }
    await file.sync();
  } catch (error) {
    throw isFull(error) ? new ApiError('disk-full', undefined, { cause: error }) : error;
  }
  return { sha256: hash.digest('hex'), bytes };
}

export function tooLarge(bytesMax: number): ApiError {
  return new ApiError('too-large', `At most ${bytesMax} bytes are taken here.`);
}

/** Large enough that a gigabyte takes few turns of the event loop, small enough that many streams fit in memory. */
export const streamBytes = 256 * 1024;

/** Joins small pieces, because a write for each of a million outputs would take minutes. */
export async function* gather(
  source: AsyncIterable<Uint8Array>,
  pieceBytes = streamBytes,
): AsyncGenerator<Uint8Array> {
  let pieces: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of source) {
    pieces.push(piece);
    bytes += piece.length;
    if (bytes >= pieceBytes) {
      yield Buffer.concat(pieces);
      pieces = [];
      bytes = 0;
    }
  }
  if (bytes > 0) {
    yield Buffer.concat(pieces);
  }
}

async function writeAll(file: FileHandle, chunk: Uint8Array): Promise<void> {
  for (let at = 0; at < chunk.length; ) {
    const { bytesWritten } = await file.write(chunk, at);
    at += bytesWritten;
  }
}
