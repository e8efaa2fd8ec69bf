import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ApiError } from '@taika/http/api-error';
import type { BlobParts, StoredPart } from './blobs.ts';
import { isMissing } from './file-errors.ts';
import { writeDurably } from './write-durably.ts';

/** Parts of uploads in a directory: `DIR/KEY/NUMBER`. */
export function openDirectoryParts(directory: string): BlobParts {
  const folderOf = (key: string) => join(directory, key);
  const list = (key: string) => listFolder(folderOf(key));
  return {
    async put(key, part, source, bytesMax) {
      const folder = folderOf(key);
      await mkdir(folder, { recursive: true });
      const temporary = join(folder, `${part}.${crypto.randomUUID()}`);
      try {
        const { bytes } = await writeDurably(source, temporary, bytesMax);
        await rename(temporary, join(folder, String(part)));
        return { part, bytes };
      } catch (error) {
        await rm(temporary, { force: true });
        throw error;
      }
    },
    list,
    async *open(key, count) {
      for (let part = 0; part < count; part++) {
        const path = join(folderOf(key), String(part));
        if ((await stat(path).catch(() => undefined)) === undefined) {
          throw new ApiError('not-found', `Part ${part} of the upload is not here.`);
        }
        yield* createReadStream(path, { highWaterMark: readBytes });
      }
    },
    remove: (key) => rm(folderOf(key), { recursive: true, force: true }),
    async removeOlderThan(instant) {
      for (const key of await namesIn(directory)) {
        const folder = folderOf(key);
        const found = await stat(folder).catch(() => undefined);
        if (found !== undefined && found.mtimeMs < instant.getTime()) {
          await rm(folder, { recursive: true, force: true });
        }
      }
    },
  };
}

const readBytes = 256 * 1024;

async function listFolder(folder: string): Promise<StoredPart[]> {
  const parts: StoredPart[] = [];
  for (const name of await namesIn(folder)) {
    if (!/^[0-9]+$/.test(name)) {
      continue;
    }
    await using file = await open(join(folder, name), 'r');
    parts.push({ part: Number(name), bytes: (await file.stat()).size });
  }
  return parts.sort((left, right) => left.part - right.part);
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (isMissing(error)) {
      return [];
    }
    throw error;
  }
}
