import { CommandError } from '@taika/cli/command-error';
import { RemoteError } from '@taika/http/call';
import type { JobId } from '@taika/protocol/schema';

/** How far a submission has come: `sending` what the job is made of, `submitting` the job itself, or `submitted`. */
export type Submission =
  | { readonly kind: 'sending' }
  | { readonly kind: 'submitting' | 'submitted'; readonly jobId: JobId };

/** What holds where a submission is left, by Ctrl-C, at this point. */
export function leaveText(submission: Submission): string {
  switch (submission.kind) {
    case 'sending':
      return `Nothing was submitted. ${sentText}`;
    case 'submitting':
      return `The answer was not waited for. ${perhapsText(submission.jobId)}`;
    case 'submitted':
      return goesOnText(submission.jobId);
  }
}

/** What is said of a job that was submitted. */
export function goesOnText(jobId: JobId): string {
  return `The job goes on. Watch it with: taika watch ${jobId}\nCancel it with: taika cancel ${jobId}`;
}

/** An error that broke a submission off; one of the network or the server says how to go on. */
export function brokenOff(error: unknown, submission: Submission): unknown {
  if (!(error instanceof RemoteError) || !error.retryable || error.fault === 'caller') return error;
  if (submission.kind === 'submitted') return error;
  const way = submission.kind === 'sending' ? sentText : perhapsText(submission.jobId);
  return new CommandError(error.message, {
    code: error.code,
    remedy: `${error.remedy} ${way}`.trim(),
    exitCode: 1,
    cause: error,
  });
}

const sentText = 'What was sent is kept for a week: the same command goes on there.';

/** A request whose answer did not come may have been heard, and the same command without a key would be a second job. */
function perhapsText(jobId: JobId): string {
  return `The job may have been submitted as ${jobId}: taika watch ${jobId} follows it, or says that there is none; only then run the same command again.`;
}
