import type { AssignmentText, JobBriefText } from '@taika/protocol/dispatch/cycle';
import type { LoggedUnit } from '../unit-log.ts';

/** A run that this terminal holds: waiting, or being computed. */
export interface HeldRun {
  readonly assignment: AssignmentText;
  readonly brief: JobBriefText;
  /** When the server gives it to another terminal, by the monotonic clock. */
  readonly deadlineAtMs: number;
  /** Aborted with a word that becomes the rest's cause. */
  readonly stop: AbortController;
  isBegun: boolean;
  unitsEnded: number;
}

/** A run that ended and waits for the server's word. */
export interface EndedRun {
  /** Absent where the server named a job that it never described. */
  readonly brief: JobBriefText | undefined;
  readonly assignment: AssignmentText;
  readonly units: readonly LoggedUnit[];
  readonly returned?: { readonly units: number; readonly cause: string };
}

export function holdRun(assignment: AssignmentText, brief: JobBriefText, nowMs: number): HeldRun {
  const deadlineAtMs = nowMs + assignment.deadlineMs;
  return { assignment, brief, deadlineAtMs, stop: new AbortController(), isBegun: false, unitsEnded: 0 };
}

/** The job as this run of it is to be computed; undefined where the server told too little for that. */
export function briefOfRun(
  { artefact: wanted }: AssignmentText,
  brief: JobBriefText | undefined,
): JobBriefText | undefined {
  if (wanted === undefined || brief === undefined || brief.artefact.kind === wanted) return brief;
  const artefact = brief.judgingForms?.find(({ kind }) => kind === wanted);
  return artefact === undefined ? undefined : { ...brief, artefact };
}

export function unitCountOf({ input }: AssignmentText): number {
  return input.lengths.length;
}

/** Units of a run that have not ended. */
export function unitsLeft({ assignment, unitsEnded }: HeldRun): number {
  return unitCountOf(assignment) - unitsEnded;
}

/** Sandboxes are kept by job and round: the same program, files and seed. */
export function sandboxKey({ jobId, round, artefact }: JobBriefText): string {
  return `${jobId} ${round} ${artefact.sha256}`;
}

/** What jobs that may share a sandbox, one after the other, have alike. Files, seed and words are renewed with the job. */
export function programKey({ programHash, artefact, limits }: JobBriefText, parallel: number): string {
  return `${programHash} ${artefact.sha256} ${JSON.stringify(limits)} ${parallel}`;
}

/** The job of a sandbox's key. */
export function jobOfKey(key: string): string {
  return key.split(' ')[0] ?? '';
}
