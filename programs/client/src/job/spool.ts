import { createWriteStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** Writes a stream to a file, because a job's input is named by its digest before it is sent. Gives the path. */
export async function spool(stream: Readable, path: string): Promise<string> {
  await pipeline(stream, createWriteStream(path, { mode: 0o600 }));
  return path;
}
