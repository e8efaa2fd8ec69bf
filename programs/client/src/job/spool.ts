import { type FileHandle, mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Writes a stream to a temporary file, because a job's input is named by its digest before it is sent, and because what
 * a phase gave is read by the phase after it. The file
 * loses its name before the first byte is in it: however this process ends, nothing is left behind.
 */
export async function spool(stream: AsyncIterable<Uint8Array | Buffer>): Promise<FileHandle> {
  const folder = await mkdtemp(join(tmpdir(), 'taika-job-'));
  let file: FileHandle;
  try {
    file = await open(join(folder, 'spooled'), 'wx+', 0o600);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  try {
    for await (const chunk of stream) await file.writeFile(chunk);
    return file;
  } catch (error) {
    await file.close();
    throw error;
  }
}
