import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { sha256HexSync } from '@taika/crypto/node-digest';
import { SourceChanged } from './source-changed.ts';
import { spool } from './spool.ts';

/** Bytes that can be hashed, uploaded and read in parts without being held in memory. */
export interface BlobSource {
  /** SHA-256, lower-case hex. */
  readonly sha256: string;
  readonly bytes: number;
  /** As people know it: a file's path. */
  readonly name?: string;
  /** Whether the file was written to since its digest was taken. */
  readonly hasChanged?: () => Promise<boolean>;
  open(): AsyncIterable<Uint8Array>;
  /** Exactly `length` bytes from `offset`. Throws `SourceChanged` when the source is shorter than it was. */
  read(offset: number, length: number): Promise<Uint8Array>;
  close(): Promise<void>;
}

/**
 * A file as a blob source. Reads it once, for its digest. What cannot be read again, such as a pipe (`<(sort x)`, `/dev/stdin`), is
 * kept in a temporary file.
 */
export async function fileSource(path: string): Promise<BlobSource> {
  const file = await open(path);
  try {
    const found = await file.stat();
    if (found.isFIFO() || found.isCharacterDevice() || found.isSocket()) {
      // Reading to the end closes the pipe.
      return await openedSource(await spool(file.createReadStream()), path);
    }
    return await openedSource(file, path);
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** A file that is open for reading as a blob source; closed with it. It need not have a name any more. */
export async function openedSource(file: FileHandle, name: string): Promise<BlobSource> {
  const hash = createHash('sha256');
  let bytes = 0;
  const before = await file.stat();
  for await (const chunk of chunksOf(file)) {
    hash.update(chunk);
    bytes += chunk.length;
  }
  return {
    sha256: hash.digest('hex'),
    bytes,
    name,
    async hasChanged() {
      const { mtimeMs, size } = await file.stat();
      return mtimeMs !== before.mtimeMs || size !== before.size;
    },
    open: () => chunksOf(file),
    async read(offset, length) {
      const buffer = new Uint8Array(length);
      const { bytesRead } = await file.read(buffer, 0, length, offset);
      if (bytesRead !== length) throw new SourceChanged(name);
      return buffer;
    },
    close: () => file.close(),
  };
}

async function* chunksOf(file: FileHandle): AsyncGenerator<Uint8Array> {
  for (let offset = 0; ; ) {
    const { bytesRead, buffer } = await file.read(new Uint8Array(chunkBytes), 0, chunkBytes, offset);
    if (bytesRead === 0) return;
    offset += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}

/** A part of a source, which stays the owner of what is open: closing the part closes nothing. */
export async function partOf(source: BlobSource, offset: number, length: number): Promise<BlobSource> {
  async function* open(): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < length; at += chunkBytes) {
      yield await source.read(offset + at, Math.min(chunkBytes, length - at));
    }
  }
  const hash = createHash('sha256');
  for await (const chunk of open()) hash.update(chunk);
  return {
    sha256: hash.digest('hex'),
    bytes: length,
    open,
    read: (from, count) => source.read(offset + from, count),
    close: async () => {},
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
