import type { SqlOrTransaction } from '@taika/database/connect';
import { shownText } from '@taika/job/shown-text';
import type { ReasonCode } from '@taika/protocol/reasons';
import { type JobEvent, stateReached, statesBefore } from './job-state.ts';
import { closeCursor, type JobFailure, lockJob, updateJobState } from './queries.ts';

/** What happened to a job. */
export interface JobMove {
  readonly jobNumber: bigint;
  readonly event: JobEvent;
  readonly now: Date;
  /** What in particular, one sentence, beside the event's reason. */
  readonly detail?: string | undefined;
  /** In place of the event's own reason: a phase's reason is its job's. */
  readonly reasonCode?: ReasonCode | undefined;
  readonly failure?: JobFailure | undefined;
  readonly resultSha256?: string | undefined;
}

/**
 * Applies an event to a job, in the caller's transaction; false when another event was first, and then nothing changed.
 * Whatever leads out of `running` closes the job to the hot path first, so that its fuel is final when it is copied.
 */
export async function moveJob(
  tx: SqlOrTransaction,
  { jobNumber, event, now, ...more }: JobMove,
): Promise<boolean> {
  // The job first: its split may be committing just now, and with it the cursor that is to be closed.
  await lockJob(tx, jobNumber);
  if (!staysOpen.has(event)) {
    await closeCursor(tx, jobNumber);
  }
  return updateJobState(tx, {
    jobNumber,
    from: statesBefore(event),
    to: stateReached(event),
    reasonCode: more.reasonCode ?? reasonOf[event],
    // Part of it may be a program's or an input's making, and PostgreSQL refuses a text with NUL.
    reasonDetail: more.detail && shownText(more.detail, detailCharactersMax),
    failure: more.failure,
    resultSha256: more.resultSha256,
    now,
  });
}

/** A sentence and the last words of a program's log. */
const detailCharactersMax = 4_000;

/** Events after which terminals still have work of the job. */
const staysOpen: ReadonlySet<JobEvent> = new Set(['split', 'all-committed', 'run-dropped']);

const reasonOf: Record<JobEvent, ReasonCode> = {
  split: 'computing',
  'split-refused': 'split-failed',
  'all-in': 'merging',
  'all-committed': 'checking',
  'run-dropped': 'computing',
  'all-final': 'merging',
  'depends-on-nan': 'depends-on-nan',
  'program-failed': 'program-failed',
  'unit-unfinished': 'unit-unfinished',
  'copies-disagreed': 'copies-disagree',
  merged: 'done',
  'merge-refused': 'merge-failed',
  'phases-done': 'done',
  'phase-failed': 'program-failed',
  cancelled: 'cancelled-by-customer',
};
