import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { sha256HexSync } from '@taika/crypto/node-digest';

/** Bytes that can be hashed, uploaded and read in parts without being held in memory. */
export interface BlobSource {
  /** SHA-256, lower-case hex. */
  readonly sha256: string;
  readonly bytes: number;
  open(): AsyncIterable<Uint8Array>;
  /** Exactly `length` bytes from `offset`. Throws when the source is shorter than it was. */
  read(offset: number, length: number): Promise<Uint8Array>;
  close(): Promise<void>;
}

/** A file as a blob source. Reads it once, for its digest. */
export async function fileSource(path: string): Promise<BlobSource> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: chunkBytes })) {
    hash.update(chunk as Buffer);
    bytes += (chunk as Buffer).length;
  }
  const file = await open(path);
  return {
    sha256: hash.digest('hex'),
    bytes,
    open: () => createReadStream(path, { highWaterMark: chunkBytes }),
    async read(offset, length) {
      const buffer = new Uint8Array(length);
      const { bytesRead } = await file.read(buffer, 0, length, offset);
      if (bytesRead !== length) throw new Error(`${path} became shorter while it was read.`);
      return buffer;
    },
    close: () => file.close(),
  };
}

/** Bytes in memory as a blob source. */
export function bytesSource(bytes: Uint8Array): BlobSource {
  return {
    sha256: sha256HexSync(bytes),
    bytes: bytes.length,
    async *open() {
      yield bytes;
    },
    read: async (offset, length) => bytes.subarray(offset, offset + length),
    close: async () => {},
  };
}

const chunkBytes = 1024 * 1024;
