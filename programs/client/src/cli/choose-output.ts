import { basename, extname } from 'node:path';
import { CommandError } from '@taika/cli/command-error';

export interface OutputOptions {
  /** A path, or `-` for standard output. */
  readonly output?: string;
  readonly json: boolean;
  readonly quiet: boolean;
}

/**
 * Where a result goes: where `--output` says; else to standard output when that is a pipe or a file; else, on a
 * screen, to a file named after the job file, because results can be long or binary.
 */
export function chooseOutput(
  options: OutputOptions,
  jobFile: string,
  isScreen: boolean = process.stdout.isTTY === true,
): string {
  if (options.json && (options.output === undefined || options.output === '-')) {
    throw new CommandError('With --json standard output is for the JSON object.', {
      code: 'usage',
      remedy: 'Say where the result goes with --output FILE.',
    });
  }
  if (options.output !== undefined) return options.output;
  return isScreen ? `${basename(jobFile, extname(jobFile))}-result` : '-';
}
