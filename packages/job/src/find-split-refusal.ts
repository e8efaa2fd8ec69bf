import type { JobSpecText, MergeText, SplitText } from '@taika/protocol/dispatch/jobs';
import { axisNamePattern } from '@taika/protocol/dispatch/split-and-merge';
import { findSizeTrouble } from './check-size.ts';
import { generatedUnits, isGenerated, recordsMax } from './generated-split.ts';
import { type JobRefusal, refuse } from './job-refusal.ts';
import { quotedWord } from './shown-text.ts';
import { splitBoundsOf } from './split-bounds.ts';
import { SplitError } from './split-error.ts';

/** The first split of any stage that makes no units or too many, whatever its input is. */
export function findSplitRefusal({
  split,
  merge,
  laterStages = [],
}: Pick<JobSpecText, 'split' | 'merge' | 'laterStages'>): JobRefusal | undefined {
  const isStaged = laterStages.length > 0;
  const stages: [path: string[], split: SplitText, merge: MergeText][] = [
    [['split'], split, merge],
    ...laterStages.map((stage, at): [string[], SplitText, MergeText] => [
      ['laterStages', String(at), 'split'],
      stage.split,
      stage.merge,
    ]),
  ];
  for (const [path, ...stage] of stages) {
    const found = findIn(path, stage, isStaged);
    if (found !== undefined) return found;
  }
  return undefined;
}

function findIn(
  path: readonly string[],
  [split, merge]: readonly [SplitText, MergeText],
  isStaged: boolean,
): JobRefusal | undefined {
  const size = findSizeTrouble(split);
  if (size !== undefined) {
    const at = size.field === undefined ? path : [...path, size.field];
    const how =
      size.field === undefined ? 'nothing says how much is in a unit' : 'how much is in a unit is said twice';
    const choice = `one of ${size.wanted}: a whole number of ${size.wanted} in a unit, or targetSeconds: seconds of the reference machine`;
    return refuse(at, `${how}: say ${choice}`, isStaged);
  }
  for (const [name, value] of Object.entries(split)) {
    if (name !== 'targetSeconds' && typeof value === 'number' && !Number.isSafeInteger(value)) {
      return refuse([...path, name], 'a number is between -(2^53 - 1) and 2^53 - 1', isStaged);
    }
  }
  const oddName =
    split.by === 'grid' ? Object.keys(split.axes).find((name) => !axisName.test(name)) : undefined;
  if (oddName !== undefined) {
    const what = `${quotedWord(oddName)} is no name of an axis: a name has 1 to 100 letters of ASCII, digits, _, . and -, and begins with a letter or _`;
    return refuse([...path, 'axes'], what, isStaged);
  }
  return isGenerated(split) ? findInGenerated(path, split, merge, isStaged) : undefined;
}

const axisName = new RegExp(axisNamePattern);

function findInGenerated(
  path: readonly string[],
  split: Extract<SplitText, { by: 'range' | 'grid' }>,
  merge: MergeText,
  isStaged: boolean,
): JobRefusal | undefined {
  // Sized later, it can only be empty; and then it is so with any size.
  const records = split.records ?? recordsMax;
  try {
    generatedUnits({ ...split, records }, splitBoundsOf({ merge })).next();
    return undefined;
  } catch (error) {
    if (!(error instanceof SplitError)) throw error;
    return refuse(path, error.message.replace(/\.$/, ''), isStaged);
  }
}
