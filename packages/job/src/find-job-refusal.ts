import type { JobSpecText } from '@taika/protocol/dispatch/jobs';
import { limits } from '@taika/protocol/limits';
import { findBoundRefusal } from './find-bound-refusal.ts';
import { findPhaseRefusal } from './find-phase-refusal.ts';
import { findSplitRefusal } from './find-split-refusal.ts';
import { findTextRefusal } from './find-text-refusal.ts';
import { isGenerated } from './generated-split.ts';
import { type JobRefusal, JobRefused, refuse } from './job-refusal.ts';

/** A job of which neither the input is known nor, under their digests, the programs: paths may stand for them. */
export type JobDraft = Omit<JobSpecText, 'program' | 'input' | 'files'> & {
  readonly files?: readonly { readonly name: string }[];
};

/**
 * What a schema cannot say of a job, judged in one place: `taika local`, `quote`, `run` and `submit`, the SDK and the server
 * refuse the same jobs with the same sentence, before anything was computed or sent. Undefined for a job that may go on.
 */
export function findJobRefusal(spec: JobSpecText): JobRefusal | undefined {
  return findDraftRefusal(spec) ?? findInputRefusal(spec);
}

/** The same as a step that throws `JobRefused`. */
export function assertComputable(spec: JobSpecText): void {
  const refusal = findJobRefusal(spec);
  if (refusal !== undefined) throw new JobRefused(refusal);
}

/** What can be refused of a job file before its programs are built and its input is read. */
export function findDraftRefusal(draft: JobDraft): JobRefusal | undefined {
  if (draft.trust !== undefined && draft.copies !== undefined) {
    return refuse(['copies'], 'a job has a trust level or copies, not both');
  }
  if (draft.critical !== undefined) {
    if (draft.trust === undefined) {
      return refuse(
        ['critical'],
        'results that must be certain need a trust level: add trust, such as standard',
      );
    }
    const { outputBytes } = draft.limits ?? {};
    if (outputBytes === undefined || outputBytes > limits.inlineOutputBytesMax) {
      return refuse(['critical'], 'outputs are looked into up to 64 KiB: set limits.output to 64KiB or less');
    }
  }
  return (
    findTextRefusal(draft) ?? findBoundRefusal(draft) ?? findSplitRefusal(draft) ?? findPhaseRefusal(draft)
  );
}

/** Whether there is an input where the split wants one, and of a size that can be taken. */
export function findInputRefusal({
  split,
  laterStages = [],
  input,
}: Pick<JobSpecText, 'split'> & {
  /** As many as there are; what they say is of no matter here. */
  readonly laterStages?: readonly unknown[] | undefined;
  readonly input?: { readonly bytes: number } | undefined;
}): JobRefusal | undefined {
  if (isGenerated(split)) {
    return input && refuse(['input'], `a split by ${split.by} makes its own units, so there can be no input`);
  }
  if (input === undefined) return refuse(['input'], `a split by ${split.by} needs an input`);
  if (input.bytes > limits.blobBytesMax) {
    return refuse(['input'], `it has ${input.bytes} bytes, and at most ${limits.blobBytesMax} are taken`);
  }
  const unitBytes =
    split.by === 'bytes' ? (split.bytes ?? Number.POSITIVE_INFINITY) : Number.POSITIVE_INFINITY;
  return input.bytes / unitBytes > limits.jobUnitsMax
    ? refuse(
        ['split', 'bytes'],
        `the input makes more than ${limits.jobUnitsMax} units: raise it`,
        laterStages.length > 0,
      )
    : undefined;
}
