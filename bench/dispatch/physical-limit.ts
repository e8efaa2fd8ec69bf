import { fdatasyncSync, writeSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';

/** Bytes written and synced one after the other on this disk, a second: no durable design does more commits one by one. */
export async function measureFdatasync(directory: string, measureMs = 500): Promise<number> {
  await using file = await open(join(directory, 'fdatasync.probe'), 'w');
  const page = Buffer.alloc(8_192, 7);
  // As the write-ahead log does: over bytes that are there already, so that no sync writes the file's own size.
  writeSync(file.fd, page, 0, page.length, 0);
  fdatasyncSync(file.fd);
  const startMs = performance.now();
  let syncs = 0;
  while (performance.now() - startMs < measureMs) {
    writeSync(file.fd, page, 0, page.length, 0);
    fdatasyncSync(file.fd);
    syncs += 1;
  }
  return Math.round((syncs * 1_000) / (performance.now() - startMs));
}
