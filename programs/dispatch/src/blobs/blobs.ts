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

/**
 * Bytes kept under their SHA-256: the same bytes are kept once, and what is there never changes. A directory here;
 * an object store has the same shape. Who may read what is not known here: see queries.ts.
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
}
