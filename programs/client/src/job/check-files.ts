import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { CommandError } from '@taika/cli/command-error';
import type { JobFileText } from '@taika/job/job-file';
import { splitBoundsOf } from '@taika/job/split-bounds';
import { createNameCheck, isArchiveName, namedTwiceText } from '@taika/job/zip-names';
import { limits } from '@taika/protocol/limits';
import type { FoundFiles } from './find-files.ts';

/**
 * Throws `CommandError` for files that the split or the merge would refuse, before anything of them is packed or sent, which
 * may take hours. Asks for the size of each.
 */
export async function checkFiles(
  { merge }: Pick<JobFileText, 'merge'>,
  { folder, names }: Pick<FoundFiles, 'folder' | 'names'>,
): Promise<void> {
  const { unitsMax, unitBytesMax } = splitBoundsOf({ merge: merge.by === 'zip' ? merge : { by: 'concat' } });
  if (names.length > unitsMax) {
    throw refused(
      `The input ${folder} has ${names.length} files, and the job may have ${unitsMax}.`,
      merge.by === 'zip'
        ? 'Name fewer by a pattern, or merge otherwise than by zip.'
        : 'Name fewer by a pattern, and submit several jobs.',
    );
  }
  const isTwice = merge.by === 'zip' ? createNameCheck(merge.extension) : () => undefined;
  let total = 0;
  for (const name of names) {
    const path = join(folder, name);
    if (!isArchiveName(name)) {
      throw refused(
        `The name of ${path} has a backslash, which parts folders on some machines.`,
        'Rename the file: its name must mean the same on every machine.',
      );
    }
    const twice = isTwice(name);
    if (twice !== undefined) {
      const { reason, remedy } = namedTwiceText(name, twice);
      throw refused(reason, remedy);
    }
    const { size } = await stat(path);
    if (size > unitBytesMax) throw tooLarge(path);
    total += size;
  }
  if (total > limits.blobBytesMax) {
    throw refused(
      `The files of the input ${folder} have ${total} bytes, and at most ${limits.blobBytesMax} are taken.`,
      'Name fewer by a pattern, and submit several jobs.',
    );
  }
}

/** A file that no unit holds. */
export function tooLarge(path: string): CommandError {
  return refused(
    `${path} is too large: a unit holds at most 1 GiB.`,
    'Cut the file, or split it by lines or bytes in a job of its own.',
  );
}

function refused(message: string, remedy: string): CommandError {
  return new CommandError(message, { code: 'job-file', remedy });
}
