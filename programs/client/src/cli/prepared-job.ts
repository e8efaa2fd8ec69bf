import { prepareJob } from '../job/prepare-job.ts';
import type { PreparedJob } from '../job/prepared-job.ts';

export interface PreparedJobOptions {
  /** Reads this file in place of the job file's input. */
  readonly input?: string;
  readonly quiet: boolean;
}

/** The job of a job file, with what is piped in where that is its input. */
export function preparedJob(
  jobFile: string,
  { input, quiet }: PreparedJobOptions,
  output?: string,
): Promise<PreparedJob> {
  return prepareJob(jobFile, {
    output,
    onNote: (note) => {
      if (!quiet) console.error(note);
    },
    ...(process.stdin.isTTY ? {} : { stdin: process.stdin }),
    ...(input === undefined ? {} : { input }),
  });
}
