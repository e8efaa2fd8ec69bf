import type { JobSpecText } from '@taika/protocol/dispatch/jobs';
import { filesMax } from './merge-zip.ts';
import { defaultSplitBounds, type SplitBounds } from './splitter.ts';

/** What a job’s split keeps within, on the grid and elsewhere: an archive holds fewer files than a job has units. */
export function splitBoundsOf({ merge }: Pick<JobSpecText, 'merge'>): SplitBounds {
  return merge.by === 'zip' ? { ...defaultSplitBounds, unitsMax: filesMax } : defaultSplitBounds;
}
