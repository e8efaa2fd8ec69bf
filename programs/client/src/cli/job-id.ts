import { CommandError } from '@taika/cli/command-error';
import type { JobId } from '@taika/protocol/schema';

/** A job's id as it was typed. Throws `CommandError` for what is none. */
export function jobIdOf(text: string): JobId {
  if (/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text)) return text as JobId;
  throw new CommandError(`${text} is no job.`, {
    code: 'usage',
    remedy: 'List your jobs with `taika jobs`.',
  });
}
