import type { JobViewText } from '@taika/protocol/dispatch/jobs';

/** What the outlook on a job's deadline is worked out from. */
export interface DeadlineFacts {
  readonly deadlineAt: Date;
  readonly now: Date;
  readonly state: JobViewText['state'];
  readonly startedAt: Date | null;
  readonly endedAt: Date | null;
  readonly unitsDone: number;
  /** Null while the input is being split. */
  readonly unitCount: number | null;
  /** Units are those of one phase, so they tell nothing of the job's end. */
  readonly hasPhases: boolean;
}

/** How it stands with a deadline, which is a wish: nothing is cancelled for it. */
export type DeadlineOutlook = 'unknown' | 'in-time' | 'late' | 'missed' | 'met';

/** By the pace so far; `unknown` where there is none to go by. */
export function deadlineOutlook(facts: DeadlineFacts): DeadlineOutlook {
  const { deadlineAt, now, state, startedAt, endedAt, unitsDone, unitCount, hasPhases } = facts;
  if (state === 'done') {
    return (endedAt ?? now) <= deadlineAt ? 'met' : 'missed';
  }
  if (now > deadlineAt) {
    return 'missed';
  }
  if (hasPhases || startedAt === null || unitCount === null || unitsDone === 0) {
    return 'unknown';
  }
  const elapsedMs = now.getTime() - startedAt.getTime();
  return startedAt.getTime() + (elapsedMs * unitCount) / unitsDone <= deadlineAt.getTime()
    ? 'in-time'
    : 'late';
}

/** In a sentence. It names no expected end, which would change at every look and wake everybody who watches. */
export function deadlineSentence(outlook: DeadlineOutlook, deadlineAt: Date): string {
  const at = `${deadlineAt.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  switch (outlook) {
    case 'unknown':
      return `It is not known yet whether the job will be done by its deadline, ${at}.`;
    case 'in-time':
      return `At its present pace the job will be done by its deadline, ${at}.`;
    case 'late':
      return `At its present pace the job will miss its deadline, ${at}. It goes on.`;
    case 'missed':
      return `The job missed its deadline, ${at}.`;
    case 'met':
      return `The job was done by its deadline, ${at}.`;
  }
}
