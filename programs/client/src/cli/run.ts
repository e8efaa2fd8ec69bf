import { checkOutput } from '@taika/cli/output-file';
import type { JobHandle } from '../sdk/job-handle.ts';
import { chooseOutput, type OutputOptions } from './choose-output.ts';
import { confirmPrivacy } from './confirm-privacy.ts';
import { connect } from './connect.ts';
import { followToResult, whileLeaving } from './follow-job.ts';
import { type PreparedJobOptions, preparedJob } from './prepared-job.ts';
import { createProgressView } from './progress-bar.ts';
import { brokenOff, leaveText, type Submission } from './submission.ts';

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
  let submission: Submission = { kind: 'sending' };
  await whileLeaving(
    () => leaveText(submission),
    async () => {
      const onCome = (now: Submission) => {
        submission = now;
      };
      const handle = await submitJobFile(jobFile, options, onCome, output);
      if (!options.quiet) console.error(`Submitted as job ${handle.id}.`);
      await followToResult(handle, output, options);
    },
  );
}

/** `taika submit`: submits and prints the job's id. */
export async function submit(jobFile: string, options: SubmitOptions): Promise<void> {
  let submission: Submission = { kind: 'sending' };
  const handle = await whileLeaving(
    () => leaveText(submission),
    () =>
      submitJobFile(jobFile, options, (now) => {
        submission = now;
      }),
  );
  console.log(options.json ? JSON.stringify({ jobId: handle.id }) : handle.id);
  if (!options.json && !options.quiet) console.error(`Watch it with: taika watch ${handle.id}`);
}

async function submitJobFile(
  jobFile: string,
  options: SubmitOptions,
  onCome: (submission: Submission) => void,
  output?: string,
): Promise<JobHandle> {
  const grid = await connect();
  await using job = await preparedJob(jobFile, options, output);
  const retentionDays = async () => (await grid.customer()).retentionDays;
  await confirmPrivacy(jobFile, { ...options, retentionDays });
  const progress = createProgressView(options);
  let submission: Submission = { kind: 'sending' };
  const come = (now: Submission) => {
    submission = now;
    onCome(now);
  };
  try {
    const handle = await grid.submit(job, {
      ...(options.key === undefined ? {} : { idempotencyKey: options.key }),
      onUpload: (sent, total) =>
        progress.show({
          done: 0,
          total: undefined,
          fuel: 0n,
          note: `uploading ${Math.floor((100 * sent) / Math.max(total, 1))} %`,
        }),
      onSubmitting: (jobId) => come({ kind: 'submitting', jobId }),
    });
    come({ kind: 'submitted', jobId: handle.id });
    return handle;
  } catch (error) {
    throw brokenOff(error, submission);
  } finally {
    progress.end();
  }
}
