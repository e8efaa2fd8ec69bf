import { sha256Hex } from '@taika/crypto/digest';
import type { BlobSource } from './blob-source.ts';

/** Bytes that a page has, as a blob source. Reads them once, for their digest; a browser may keep a large blob on its disk. */
export async function memorySource(given: Uint8Array | Blob): Promise<BlobSource> {
  const blob = given instanceof Blob ? given : new Blob([given as Uint8Array<ArrayBuffer>]);
  const read = async (offset: number, length: number) =>
    new Uint8Array(await blob.slice(offset, offset + length).arrayBuffer());
  return {
    sha256: await sha256Hex(await read(0, blob.size)),
    bytes: blob.size,
    read,
    async *open() {
      for (let at = 0; at < blob.size; at += chunkBytes) yield await read(at, chunkBytes);
    },
    close: async () => {},
  };
}

const chunkBytes = 1024 * 1024;
