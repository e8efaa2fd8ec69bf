import type { JobViewText } from '@taika/protocol/dispatch/jobs';

/**
 * Which commands show the unit that a job ended at; undefined where there is none, or its data is gone. A unit whose output
 * does not fit the merge did not fail itself: it has no log, and computing it here shows what it printed.
 */
export function unitHint({ jobId, reason, failure, dataDeletedAt }: JobViewText): string | undefined {
  if (failure === undefined || dataDeletedAt !== undefined) return undefined;
  const { unit } = failure;
  return reason.code === 'merge-failed'
    ? `What unit ${unit} prints: taika replay ${jobId} ${unit}`
    : `All failed units: taika logs ${jobId}; this one here: taika replay ${jobId} ${unit}`;
}
