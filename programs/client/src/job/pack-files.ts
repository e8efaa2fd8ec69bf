import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { CommandError } from '@taika/cli/command-error';
import { defaultSplitBounds } from '@taika/job/splitter';
import { createZipWriter } from '@taika/job/zip-writer';
import { tooLarge } from './check-files.ts';
import type { FoundFiles } from './find-files.ts';

/** The files as one archive, as a stream that holds one piece of one file. */
export async function* packFiles({
  folder,
  names,
}: Pick<FoundFiles, 'folder' | 'names'>): AsyncGenerator<Uint8Array> {
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
  // It may have grown since it was looked at.
  if (bytes > defaultSplitBounds.unitBytesMax) throw tooLarge(path);
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

function changed(path: string): CommandError {
  return new CommandError(`${path} changed while it was read.`, {
    code: 'input-changed',
    remedy: 'Submit the job again when nothing writes to its input.',
    exitCode: 1,
  });
}
