import { createReadStream, createWriteStream, type ReadStream } from 'node:fs';
import { mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createDigestStream } from '@taika/crypto/node-digest';
import { ApiError } from '@taika/http/api-error';
import type { ByteRange } from '@taika/http/byte-range';

/** Where the bytes with this digest lie. */
export function filePath(directory: string, sha256: string): string {
  return join(directory, sha256.slice(0, 2), sha256);
}

/**
 * Stores a stream under its digest and gives its length; durable when it returns. A stream that hashes to something else
 * leaves nothing. Throws `digest-mismatch`, and `too-large` beyond `bytesMax`.
 */
export async function storeFile(
  directory: string,
  { sha256, body, bytesMax }: { readonly sha256: string; readonly body: Readable; readonly bytesMax: number },
): Promise<number> {
  const target = filePath(directory, sha256);
  const unfinished = `${target}.${process.pid}.${performance.now()}`;
  await mkdir(dirname(target), { recursive: true });
  try {
    const digest = createDigestStream();
    await pipeline(
      body,
      async function* bounded(chunks: AsyncIterable<Uint8Array>) {
        let count = 0;
        for await (const chunk of chunks) {
          count += chunk.byteLength;
          if (count > bytesMax) {
            throw new ApiError('too-large', `A release's file has at most ${bytesMax} bytes.`);
          }
          yield chunk;
        }
      },
      digest,
      createWriteStream(unfinished, { flush: true, mode: 0o644 }),
    );
    const found = digest.digestHex();
    if (found !== sha256) {
      throw new ApiError('digest-mismatch', `The bytes sent hash to ${found}, not to ${sha256}.`);
    }
    await rename(unfinished, target);
    await syncDirectory(dirname(target));
    return digest.byteCount();
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  }
}

/** The file's bytes, or a part of them that is not empty. */
export function readStoredFile(directory: string, sha256: string, range?: ByteRange): ReadStream {
  const part = range && { start: range.offset, end: range.offset + range.length - 1 };
  return createReadStream(filePath(directory, sha256), part);
}

/** The length of a stored file; undefined when it is not there. */
export async function storedFileBytes(directory: string, sha256: string): Promise<number | undefined> {
  try {
    return (await stat(filePath(directory, sha256))).size;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      return undefined;
    }
    throw error;
  }
}

/** A rename survives a power cut only once its directory is written. Windows cannot open directories and needs none of it. */
async function syncDirectory(directory: string): Promise<void> {
  if (process.platform === 'win32') {
    return;
  }
  const handle = await open(directory);
  await handle.sync().finally(() => handle.close());
}
