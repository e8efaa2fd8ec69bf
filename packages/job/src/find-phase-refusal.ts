import type { JobSpecText, MergeText, SplitText } from '@taika/protocol/dispatch/jobs';
import { isGenerated } from './generated-split.ts';
import { type JobRefusal, refuse } from './job-refusal.ts';
import { stateFileName } from './phases.ts';

/** Whatever is fed by an earlier phase must be able to read what it is fed. */
export function findPhaseRefusal({
  split,
  merge,
  laterStages,
  rounds,
  files,
}: Pick<JobSpecText, 'split' | 'merge' | 'laterStages' | 'rounds'> & {
  readonly files?: readonly { readonly name: string }[];
}): JobRefusal | undefined {
  if (rounds !== undefined && isGenerated(split)) {
    return refuse(
      ['rounds'],
      `the input of a round is what the round before gave, and a ${split.by} reads no input`,
    );
  }
  if (rounds !== undefined && files?.some(({ name }) => name === stateFileName) === true) {
    return refuse(
      ['files', stateFileName],
      'in a job with rounds this name is that of what rounds.next kept',
    );
  }
  let before = merge;
  for (const [at, stage] of (laterStages ?? []).entries()) {
    const path = ['laterStages', String(at), 'split'];
    if (isGenerated(stage.split)) {
      return refuse(
        path,
        `a stage reads what the stage before it gave, and a ${stage.split.by} reads no input`,
      );
    }
    if (isUnreadable(before, stage.split)) {
      return refuse(
        path,
        `a split by ${stage.split.by} cannot read what the stage before it merges by ${before.by}`,
      );
    }
    before = stage.merge;
  }
  return undefined;
}

/**
 * Whether what a merge makes is never of the form that a split reads. A merge by a program may make any form, and one that
 * only strings outputs together gives a single output as it is.
 */
function isUnreadable(merge: MergeText, split: SplitText): boolean {
  return unreadable[split.by]?.includes(merge.by) ?? false;
}

const unreadable: Partial<Record<SplitText['by'], readonly MergeText['by'][]>> = {
  files: ['lines', 'csv', 'ndjson', 'json', 'sum', 'parts'],
  parts: ['csv', 'ndjson', 'json', 'sum', 'zip'],
  json: ['zip', 'parts'],
  lines: ['zip'],
  csv: ['zip'],
  ndjson: ['zip'],
};
