import { glob, open, readdir, readFile, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { crc32 } from 'node:zlib';
import { CommandError } from '@taika/cli/command-error';
import { seeZip64 } from '@taika/job/zip-format';
import { createZipWriter } from '@taika/job/zip-writer';

/** Files for an archive, with the names that they have in it. */
export interface FoundFiles {
  readonly folder: string;
  /** Relative to the folder, with slashes, in the order of their UTF-8 bytes: the same on every machine. */
  readonly names: readonly string[];
}

/** All files below a folder, or those that a pattern such as `data/*.txt` names; undefined for the path of one file. */
export async function findFiles(path: string): Promise<FoundFiles | undefined> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isDirectory() === true) {
    const entries = await readdir(path, { recursive: true, withFileTypes: true });
    const files = entries
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => join(parentPath, name));
    return sorted(path, files);
  }
  if (found !== undefined || !/[*?[{]/.test(path)) return undefined;
  const folder = path.slice(0, path.slice(0, path.search(/[*?[{]/)).lastIndexOf('/') + 1) || '.';
  const files: string[] = [];
  for await (const entry of glob(path, { withFileTypes: true }))
    if (entry.isFile()) files.push(join(entry.parentPath, entry.name));
  return sorted(folder, files);
}

/** The files as one archive, as a stream that holds one piece of one file. */
export async function* packFiles({ folder, names }: FoundFiles): AsyncGenerator<Uint8Array> {
  const writer = createZipWriter();
  for (const name of names) yield* packFile(writer, join(folder, name), name);
  yield* writer.end();
}

/** Reads a file twice, for its checksum and for its bytes: the archive has the checksum first. */
async function* packFile(
  writer: ReturnType<typeof createZipWriter>,
  path: string,
  name: string,
): AsyncGenerator<Uint8Array> {
  await using file = await open(path);
  const { size: bytes } = await file.stat();
  if (bytes >= seeZip64) throw tooLarge(path);
  if (bytes <= wholeBytesMax) {
    const whole = await readFile(file);
    yield writer.begin({ name: Buffer.from(name), bytes: whole.length, crc32: crc32(whole) });
    yield whole;
    return;
  }
  let checksum = 0;
  for await (const chunk of file.createReadStream({ start: 0, end: bytes - 1, autoClose: false }))
    checksum = crc32(chunk as Buffer, checksum);
  yield writer.begin({ name: Buffer.from(name), bytes, crc32: checksum });
  let again = 0;
  let sent = 0;
  for await (const chunk of file.createReadStream({ start: 0, end: bytes - 1, autoClose: false })) {
    again = crc32(chunk as Buffer, again);
    sent += (chunk as Buffer).length;
    yield chunk as Buffer;
  }
  if (sent !== bytes || again !== checksum) throw changed(path);
}

const wholeBytesMax = 1024 * 1024;

function sorted(folder: string, files: readonly string[]): FoundFiles {
  const names = files.map((file) => relative(folder, file).split(sep).join('/'));
  return { folder, names: names.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))) };
}

function tooLarge(path: string): CommandError {
  return new CommandError(`${path} is too large: a unit holds at most 1 GiB.`, {
    code: 'job-file',
    remedy: 'Cut the file, or split it by lines or bytes in a job of its own.',
  });
}

function changed(path: string): CommandError {
  return new CommandError(`${path} changed while it was read.`, {
    code: 'input-changed',
    remedy: 'Submit the job again when nothing writes to its input.',
    exitCode: 1,
  });
}
