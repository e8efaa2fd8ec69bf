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

async function pour(
  chunks: AsyncIterable<Uint8Array>,
  to: Writable,
  expected: string | undefined,
): Promise<Written> {
  const hash = createHash('sha256');
  let bytes = 0;
  let failure: Error | undefined;
  const onError = (error: Error) => {
    failure = error;
  };
  to.once('error', onError);
  for await (const chunk of chunks) {
    if (failure !== undefined) throw failure;
    hash.update(chunk);
    bytes += chunk.length;
    if (!to.write(chunk)) await Promise.race([once(to, 'drain'), once(to, 'close')]);
  }
  to.off('error', onError);
  if (failure !== undefined) throw failure;
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
