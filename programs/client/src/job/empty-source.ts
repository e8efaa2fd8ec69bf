import type { BlobSource } from './blob-source.ts';

/** No bytes. */
export const emptySource: BlobSource = {
  // SHA-256 of nothing.
  sha256: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  bytes: 0,
  async *open() {},
  read: async () => new Uint8Array(0),
  close: async () => {},
};
