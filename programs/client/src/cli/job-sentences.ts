import { countText, moneyText } from '@taika/cli/amounts';
import { CommandError } from '@taika/cli/command-error';
import type { JobViewText } from '@taika/protocol/dispatch/jobs';
import { unitHint } from '../sdk/unit-hint.ts';

/** Why there is no result to fetch, and what to do; undefined where there is one. */
export function resultRefusal(view: JobViewText): CommandError | undefined {
  const { jobId, state, reason, dataDeletedAt } = view;
  if (dataDeletedAt !== undefined) {
    return refused(deletedText(dataDeletedAt), submitAgain);
  }
  switch (state) {
    case 'done':
      return undefined;
    case 'failed':
      return refused(
        `The job failed, so there is no result. ${reason.sentence}`,
        `${reason.remedy} ${moreText(view)}`,
      );
    case 'cancelled':
      return refused('The job was cancelled, so there is no result.', 'Submit it again to run it.');
    case 'paused':
      return refused(`The job is paused, so there is no result yet. ${reason.sentence}`, remedyText(view));
    default:
      return refused(
        `The job is ${state}, so there is no result yet. ${reason.sentence}`,
        `Wait for it and write it: taika watch ${jobId} --output FILE`,
      );
  }
}

/** What is said at the end of a job that is done. */
export function doneText({ jobId, dataDeletedAt }: JobViewText): string {
  return dataDeletedAt === undefined
    ? `${jobId} is done. Its result: taika result ${jobId}`
    : `${jobId} is done. ${deletedText(dataDeletedAt)}`;
}

/** Why there is nothing to cancel any more; undefined where there is, and for a job that is cancelled: it stays so. */
export function cancelRefusal({ jobId, state, dataDeletedAt }: JobViewText): CommandError | undefined {
  const again = dataDeletedAt === undefined ? undefined : `${deletedText(dataDeletedAt)} ${submitAgain}`;
  switch (state) {
    case 'done':
      return refused(
        'The job is done: there is nothing to cancel.',
        again ?? `Fetch its result: taika result ${jobId}`,
      );
    case 'failed':
      return refused(
        'The job has failed: there is nothing to cancel.',
        again ?? `See why: taika logs ${jobId}`,
      );
    default:
      return undefined;
  }
}

/** What a cancelled job costs: the units whose outputs were streamed, else nothing. */
export function cancelCost({ delivered = 0, price }: Pick<JobViewText, 'delivered' | 'price'>): string {
  return delivered === 0
    ? 'It costs nothing.'
    : `The outputs of ${countText(delivered, 'unit')} were fetched already: they cost ${moneyText(price)} before tax, and an invoice follows.`;
}

/** What to do about a reason, with the job's own id where the remedy has a place for it; "" where nothing is to be done. */
export function remedyText({ jobId, reason }: Pick<JobViewText, 'jobId' | 'reason'>): string {
  return reason.remedy.startsWith('Nothing to do') ? '' : reason.remedy.replaceAll(/\bJOB\b/g, jobId);
}

function moreText(view: JobViewText): string {
  const merged = view.reason.code === 'merge-failed' ? unitHint(view) : undefined;
  return merged ?? `More: taika logs ${view.jobId}`;
}

const submitAgain = 'Submit the job again where you need the result.';

function deletedText(deletedAt: string): string {
  return `The job's data was deleted on ${deletedAt.slice(0, 10)}, its result with it.`;
}

function refused(message: string, remedy: string): CommandError {
  return new CommandError(message, { code: 'wrong-state', remedy });
}
