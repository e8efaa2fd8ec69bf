import type { JobSpecText } from '@taika/protocol/dispatch/jobs';
import type { OpenProgram } from './program-runner.ts';
import { sizeSplit } from './size-split.ts';
import { type InputSplit, splitInput } from './split.ts';
import { splitBoundsOf } from './split-bounds.ts';
import { splitByProgram } from './split-program.ts';
import type { SplitBounds, UnitRange } from './splitter.ts';
import { distinctlyNamed } from './zip-names.ts';

/** A job's input where it is split: streamed from its beginning, or read in parts. */
export interface SplitSource {
  readonly bytes: number;
  open(): Promise<AsyncIterable<Uint8Array>>;
  read(range: UnitRange): Promise<Uint8Array>;
}

/** Whether a split runs a program of the job before there are units. */
export function needsProgram({ split }: Pick<JobSpecText, 'split'>): boolean {
  return split.by === 'program' || ('targetSeconds' in split && split.targetSeconds !== undefined);
}

/**
 * The units of any split, the same wherever it is worked out: `targetSeconds` by a sample, a program's split by running
 * it, all others by the bytes alone. Throws `SplitError`, here or out of the iteration.
 */
export async function planSplit(
  { split, program, merge }: Pick<JobSpecText, 'split' | 'program' | 'merge'>,
  source: SplitSource | undefined,
  openProgram: OpenProgram,
  bounds: SplitBounds = splitBoundsOf({ merge }),
): Promise<InputSplit> {
  if (split.by === 'program') {
    return splitByProgram(needed(source), () => openProgram(split.program), bounds);
  }
  const sized = needsProgram({ split }) ? await sizeSplit(split, source, () => openProgram(program)) : split;
  const found = splitInput(sized, await source?.open(), bounds);
  return split.by === 'files' && merge.by === 'zip' ? withDistinctNames(found, merge.extension) : found;
}

/** The merge would refuse a second output of one name, but only after everything was computed and paid for. */
function withDistinctNames(found: InputSplit, extension: string | undefined): InputSplit {
  return {
    header: () => found.header(),
    trailer: () => found.trailer(),
    [Symbol.asyncIterator]: () => distinctlyNamed(found, extension),
  };
}

function needed(source: SplitSource | undefined): SplitSource {
  if (source === undefined) {
    throw new Error('A job that is split by a program has an input.');
  }
  return source;
}
