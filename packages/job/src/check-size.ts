import type { SplitText } from '@taika/protocol/dispatch/jobs';

/** What a split's fields say wrongly about how much is in a unit, which no schema can say. */
export interface SizeTrouble {
  /** The field that is one too many; undefined where one is missing. */
  readonly field: 'targetSeconds' | undefined;
  /** Of the two, exactly one is wanted. */
  readonly wanted: 'records' | 'bytes';
}

/** Undefined for a split whose units have exactly one size. */
export function findSizeTrouble(split: SplitText): SizeTrouble | undefined {
  if (split.by === 'program' || split.by === 'files' || split.by === 'whole' || split.by === 'parts') {
    return undefined;
  }
  const wanted = split.by === 'bytes' ? 'bytes' : 'records';
  const size = split.by === 'bytes' ? split.bytes : split.records;
  if (size !== undefined && split.targetSeconds !== undefined) {
    return { field: 'targetSeconds', wanted };
  }
  return size === undefined && split.targetSeconds === undefined ? { field: undefined, wanted } : undefined;
}
