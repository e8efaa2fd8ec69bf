import type { Readable } from 'node:stream';
import type { ByteRange } from '@taika/http/byte-range';

/** A blob that was stored. */
export interface StoredBlob {
  /** Lower-case hexadecimal. */
  readonly sha256: string;
  readonly bytes: number;
}

/** What is expected of bytes about to be stored. */
export interface PutOptions {
  /** The digest that was promised; without it the bytes get the name that they hash to. */
  readonly sha256?: string;
  readonly bytesMax: number;
}

/** A part of an upload that is under way. */
export interface StoredPart {
  readonly part: number;
  readonly bytes: number;
}

/**
 * Bytes kept under their SHA-256: the same bytes are kept once, and what is there never changes. A directory
 * (directory-blobs.ts) or an object store (s3-blobs.ts); `test/blobs.test.ts` holds both to the same behaviour. Who may
 * read what is not known here: see queries.ts.
 */
export interface Blobs {
  /**
   * Stores a stream, durably before it resolves. Throws ApiError: `digest-mismatch` (nothing is stored), `too-large`,
   * `disk-full`.
   */
  put(source: AsyncIterable<Uint8Array>, options: PutOptions): Promise<StoredBlob>;
  /** The blob, or a range of it, as a stream. Throws ApiError `not-found`. */
  open(sha256: string, range?: ByteRange): Promise<Readable>;
  /** A range at once; for small ones. Throws ApiError `not-found`, also when the blob is shorter. */
  read(sha256: string, range: ByteRange): Promise<Buffer>;
  /** Bytes of the blob, or undefined when it is not here. */
  size(sha256: string): Promise<number | undefined>;
  /** Deletes a blob; one that is not here is deleted already. */
  remove(sha256: string): Promise<void>;
  /** An address by which whoever has it can read the blob, or ranges of it, until then. */
  urlOf(sha256: string, until: Date): Promise<string>;
  /** Parts of uploads that are not put together yet, under a key that the caller makes of who sends what. */
  readonly parts: BlobParts;
}

/** Where parts of an upload wait for one another, so that an interrupted upload goes on where it stopped. */
export interface BlobParts {
  /** Stores a part in place of an earlier one of this number. Throws ApiError `too-large`, `disk-full`. */
  put(key: string, part: number, source: AsyncIterable<Uint8Array>, bytesMax: number): Promise<StoredPart>;
  /** In order. */
  list(key: string): Promise<StoredPart[]>;
  /** The first `count` parts one after the other. Throws ApiError `not-found` when one is missing. */
  open(key: string, count: number): AsyncIterable<Uint8Array>;
  remove(key: string): Promise<void>;
  /** Deletes the parts of uploads of which nothing came since then. */
  removeOlderThan(instant: Date): Promise<void>;
}
