import { stat } from 'node:fs/promises';
import { CommandError } from '@taika/cli/command-error';

/** Throws `CommandError` when `output` is the very file that one of `inputs` is, under whatever name: a path, a link. */
export async function refuseOverwrite(inputs: Iterable<string>, output: string): Promise<void> {
  const target = await fileOf(output);
  if (target === undefined) return;
  for (const input of inputs) {
    const source = await fileOf(input);
    if (source?.ino !== target.ino || source.dev !== target.dev) continue;
    throw new CommandError(`${input} would be overwritten by what is made of it.`, {
      code: 'usage',
      remedy: `Name another file to write than ${output}.`,
    });
  }
}

/** Undefined where there is no file: a missing input is told by whoever reads it. */
async function fileOf(path: string) {
  try {
    return await stat(path, { bigint: true });
  } catch {
    return undefined;
  }
}
