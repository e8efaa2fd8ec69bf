import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import type { Writable } from 'node:stream';
import { CommandError } from '@taika/cli/command-error';

/** Bytes written, with their digest. */
export interface Written {
  readonly bytes: number;
  readonly sha256: string;
}

/**
 * Writes a stream to a file, or to standard output for `-`. A file appears under its name only when it is
 * complete. Throws `digest-mismatch` when the bytes are not those of `expected`.
 */
export async function writeOutput(
  chunks: AsyncIterable<Uint8Array>,
  path: string,
  expected?: string,
): Promise<Written> {
  if (path === '-') return pour(chunks, process.stdout, expected);
  const unfinished = `${path}.unfinished`;
  const file = createWriteStream(unfinished);
  try {
    const written = await pour(chunks, file, expected);
    file.end();
    await once(file, 'finish');
    await rename(unfinished, path);
    return written;
  } catch (error) {
    file.destroy();
    await rm(unfinished, { force: true });
    throw error;
  }
}

/** Writes at the pace of the receiver and leaves it open: standard output is not ours to close. */
async function pour(
  chunks: AsyncIterable<Uint8Array>,
  to: Writable,
  expected: string | undefined,
): Promise<Written> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of chunks) {
    hash.update(chunk);
    bytes += chunk.length;
    await write(to, chunk);
  }
  const sha256 = hash.digest('hex');
  if (expected !== undefined && expected !== sha256) {
    throw new CommandError('The result was damaged on its way.', {
      code: 'digest-mismatch',
      remedy: 'Fetch it again with `taika result`.',
      exitCode: 1,
    });
  }
  return { bytes, sha256 };
}

/** Resolves when the bytes were taken; rejects when they cannot be written (a full disk, a closed pipe). */
function write(to: Writable, chunk: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    to.write(chunk, (error) => (error ? reject(error) : resolve()));
  });
}
