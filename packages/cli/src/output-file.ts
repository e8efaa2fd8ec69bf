import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { open, rename, rm, stat } from 'node:fs/promises';
import type { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { CommandError } from './command-error.ts';
import { describeError } from './describe-error.ts';
import { removedAtExit, unfinishedName } from './unfinished-file.ts';

/** Bytes written, with their digest. */
export interface Written {
  readonly bytes: number;
  readonly sha256: string;
}

export interface WriteOptions {
  /** Digest that the bytes must have. */
  readonly sha256?: string | undefined;
  /** What helps where the bytes cannot be written. Default: to run the command again. */
  readonly remedy?: string;
}

/** Tries, before anything long begins, whether a result can be written there. Throws what is in the way; leaves nothing. */
export async function checkOutput(path: string): Promise<void> {
  if (path === '-') return;
  const found = await kindOf(path);
  if (found === 'folder') throw Object.assign(new Error(`${path} is a folder.`), { code: 'EISDIR', path });
  const tried = found === 'device' ? path : unfinishedName(path);
  try {
    await (await open(tried, found === 'device' ? 'a' : 'wx')).close();
    if (found !== 'device') await rm(tried, { force: true });
  } catch (error) {
    throw unwritable(error, path, 'Name another file with --output; nothing was computed yet.');
  }
}

/**
 * Writes a stream to a file, or to standard output for `-`. A file appears under its name only when it is
 * complete. Throws `digest-mismatch` when the bytes are not those that were expected.
 */
export async function writeOutput(
  chunks: AsyncIterable<Uint8Array>,
  path: string,
  options: WriteOptions = {},
): Promise<Written> {
  if (path === '-') return pour(chunks, process.stdout, path, options);
  const isDevice = (await kindOf(path)) === 'device';
  const target = isDevice ? path : unfinishedName(path);
  using _removed = isDevice ? undefined : removedAtExit(target);
  const file = createWriteStream(target, { flags: isDevice ? 'w' : 'wx' });
  try {
    const written = await pour(chunks, file, path, options);
    await naming(path, options, async () => {
      file.end();
      await finished(file);
      if (!isDevice) await rename(target, path);
    });
    return written;
  } catch (error) {
    file.destroy();
    if (!isDevice) await rm(target, { force: true });
    throw error;
  }
}

/** Writes at the pace of the receiver and leaves it open: standard output is not ours to close. */
async function pour(
  chunks: AsyncIterable<Uint8Array>,
  to: Writable,
  path: string,
  options: WriteOptions,
): Promise<Written> {
  // A failure reaches us by the write that it meets; without a listener it would end the process as well.
  to.on('error', () => {});
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of chunks) {
    hash.update(chunk);
    bytes += chunk.length;
    await naming(path, options, () => write(to, chunk));
  }
  const sha256 = hash.digest('hex');
  if (options.sha256 !== undefined && options.sha256 !== sha256) {
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

async function naming<T>(path: string, { remedy }: WriteOptions, step: () => Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (error) {
    throw unwritable(error, path, remedy ?? 'Mend that, and run the command again.', 1);
  }
}

function unwritable(error: unknown, path: string, remedy: string, exitCode: 1 | 2 = 2): CommandError {
  const name = path === '-' ? 'standard output' : path;
  const named = error instanceof Error ? Object.assign(error, { path: name }) : error;
  const { sentence } = describeError(named);
  const told = sentence.startsWith(name) ? sentence : `${name}: ${sentence}`;
  const missingFolder = error instanceof Error && 'code' in error && error.code === 'ENOENT';
  const message = missingFolder ? `${name} cannot be written: there is no such folder.` : told;
  return new CommandError(message, { code: 'output', remedy, exitCode, cause: error });
}

/** A device (`/dev/null`) or a pipe is written as it is: it must not be replaced by a file. */
async function kindOf(path: string): Promise<'folder' | 'device' | 'file'> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isDirectory()) return 'folder';
  return found === undefined || found.isFile() ? 'file' : 'device';
}
