import type { JobHandle } from '../sdk/job-handle.ts';
import { chooseOutput, type OutputOptions } from './choose-output.ts';
import { confirmPrivacy } from './confirm-privacy.ts';
import { connect } from './connect.ts';
import { followToResult, interruptedExitCode, whileLeaving } from './follow-job.ts';
import { checkOutput } from './output-file.ts';
import { type PreparedJobOptions, preparedJob } from './prepared-job.ts';
import { createProgressView } from './progress-bar.ts';

export interface SubmitOptions extends PreparedJobOptions {
  /** The customer has read what `privacy: public` means. */
  readonly yes: boolean;
  /** The same key submits once. */
  readonly key?: string;
  readonly json: boolean;
  readonly quiet: boolean;
}

export interface RunOptions extends SubmitOptions, OutputOptions {
  /** Only submit; print the id and leave. */
  readonly detach: boolean;
}

/** `taika run`: submits, shows progress, writes the result. Ctrl-C leaves the job running and says how to come back. */
export async function run(jobFile: string, options: RunOptions): Promise<void> {
  if (options.detach) return submit(jobFile, options);
  const output = chooseOutput(options, jobFile);
  await checkOutput(output);
  const handle = await submitJobFile(jobFile, options);
  if (!options.quiet) console.error(`Submitted as job ${handle.id}.`);
  await whileLeaving(handle.id, () => followToResult(handle, output, options));
}

/** `taika submit`: submits and prints the job's id. */
export async function submit(jobFile: string, options: SubmitOptions): Promise<void> {
  const handle = await submitJobFile(jobFile, options);
  console.log(options.json ? JSON.stringify({ jobId: handle.id }) : handle.id);
  if (!options.json && !options.quiet) console.error(`Watch it with: taika watch ${handle.id}`);
}

async function submitJobFile(jobFile: string, options: SubmitOptions): Promise<JobHandle> {
  const grid = await connect();
  await using job = await preparedJob(jobFile, options);
  await confirmPrivacy(jobFile, options);
  const progress = createProgressView(options);
  const leave = () => {
    console.error(
      '\n\nNothing was submitted. What was sent is kept for a while: the same command goes on there.',
    );
    process.exit(interruptedExitCode);
  };
  process.once('SIGINT', leave);
  try {
    return await grid.submit(job, {
      ...(options.key === undefined ? {} : { idempotencyKey: options.key }),
      onUpload: (sent, total) =>
        progress.show({
          done: 0,
          total: undefined,
          fuel: 0n,
          note: `uploading ${Math.floor((100 * sent) / Math.max(total, 1))} %`,
        }),
    });
  } finally {
    process.off('SIGINT', leave);
    progress.end();
  }
}
