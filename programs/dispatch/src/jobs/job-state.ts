/**
 * A job's life. Each arrow is one guarded update (`move-job.ts`): the row moves only out of the state named here,
 * so of two replicas, or of a customer's cancel and a loop, one wins and the other finds zero rows.
 *
 *   splitting ──split──► running ──all-in──► merging ──merged──► done
 *       │                   │                   │
 *       │ split-refused     │ program-failed    │ merge-refused
 *       │                   │ unit-unfinished   │
 *       │                   │ copies-disagreed  │
 *       └───────────────────┴───────────────────┴──► failed
 *       any of these ──cancelled──► cancelled
 *
 * With a trust level, what fails a running job fails a provisional one too, and depends-on-nan fails both:
 *
 *   running ──all-committed──► provisional ──all-final──► merging
 *      ▲────────run-dropped─────────┘
 *
 * A job with stages or rounds is running from the start, and each of its phases is a job that lives as above:
 *
 *   running ──phases-done──► done          running ──phase-failed──► failed
 *
 * Invariants: done, failed and cancelled are never left. Units are handed out in running only, copies in provisional and
 * of a recall in done too. A job that is done has a result; one that failed or was cancelled has none.
 */
export type JobState = 'splitting' | 'running' | 'provisional' | 'merging' | 'done' | 'failed' | 'cancelled';

export type JobEvent =
  | 'split'
  | 'split-refused'
  | 'all-in'
  | 'all-committed'
  | 'run-dropped'
  | 'all-final'
  | 'depends-on-nan'
  | 'program-failed'
  | 'unit-unfinished'
  | 'copies-disagreed'
  | 'merged'
  | 'merge-refused'
  | 'phases-done'
  | 'phase-failed'
  | 'cancelled';

/** The state that `event` leads to; undefined where it has no effect, because another event was first. */
export function nextJobState(state: JobState, event: JobEvent): JobState | undefined {
  return statesFrom[event].includes(state) ? stateAfter[event] : undefined;
}

/** The states that `event` may happen in. */
export function statesBefore(event: JobEvent): readonly JobState[] {
  return statesFrom[event];
}

/** The state that `event` leads to from any of `statesBefore(event)`. */
export function stateReached(event: JobEvent): JobState {
  return stateAfter[event];
}

export function isEnded(state: JobState | 'paused'): boolean {
  return state === 'done' || state === 'failed' || state === 'cancelled';
}

const statesFrom: Record<JobEvent, readonly JobState[]> = {
  split: ['splitting'],
  'split-refused': ['splitting'],
  'all-in': ['running'],
  'all-committed': ['running'],
  'run-dropped': ['provisional'],
  'all-final': ['running', 'provisional'],
  'depends-on-nan': ['running', 'provisional'],
  'program-failed': ['running', 'provisional'],
  'unit-unfinished': ['running', 'provisional'],
  'copies-disagreed': ['running'],
  merged: ['merging'],
  'merge-refused': ['merging'],
  'phases-done': ['running'],
  'phase-failed': ['running'],
  cancelled: ['splitting', 'running', 'provisional', 'merging'],
};

const stateAfter: Record<JobEvent, JobState> = {
  split: 'running',
  'split-refused': 'failed',
  'all-in': 'merging',
  'all-committed': 'provisional',
  'run-dropped': 'running',
  'all-final': 'merging',
  'depends-on-nan': 'failed',
  'program-failed': 'failed',
  'unit-unfinished': 'failed',
  'copies-disagreed': 'failed',
  merged: 'done',
  'merge-refused': 'failed',
  'phases-done': 'done',
  'phase-failed': 'failed',
  cancelled: 'cancelled',
};
