import { stat } from 'node:fs/promises';
import { CommandError } from '@taika/cli/command-error';

/** Throws `CommandError` when `output` is the very file that `input` is, under whatever name: a path, a link. */
export async function refuseOverwrite(input: string, output: string): Promise<void> {
  const [source, target] = await Promise.all([fileOf(input), fileOf(output)]);
  if (source === undefined || source.ino !== target?.ino || source.dev !== target.dev) return;
  throw new CommandError(`${input} would be overwritten by what is made of it.`, {
    code: 'usage',
    remedy: `Name another file to write than ${output}.`,
  });
}

/** Undefined where there is no file: a missing input is told by whoever reads it. */
async function fileOf(path: string) {
  try {
    return await stat(path, { bigint: true });
  } catch {
    return undefined;
  }
}
