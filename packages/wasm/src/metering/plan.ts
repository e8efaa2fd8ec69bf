import type { EditList } from '../edit-list.ts';
import type { IntList, NumberList } from '../growable.ts';

/**
 * What the scan of all bodies has found: segments with their weights, edits with their places, and calls whose callee's
 * entry is charged by the caller. Lists are shared by all functions; the `first…` lists say where each one's part begins.
 */
export interface MeteringPlan {
  /** Fuel of each segment, without what its calls prepay until `prepayEntries` has added it. */
  readonly weights: NumberList;
  readonly edits: EditList;
  /** Calls of functions with a body: the segment they are made in, and the function, or for indirect ones ~(type). */
  readonly callSegments: IntList;
  readonly callCallees: IntList;
  readonly countedLoops: CountedLoopList;
  /** By counted loop: fuel of one iteration, filled by `hoistCountedLoops`. */
  readonly loopWeights: NumberList;
  /** By body: index of its first segment, edit and call, with one entry more at the end. */
  readonly firstSegment: IntList;
  readonly firstEdit: IntList;
  readonly firstCall: IntList;
  /** By body: what the emission needs to know, see `bodyFact`. */
  readonly facts: Uint8Array;
  /** By body: most counted loops inside each other. */
  readonly countedDepth: Uint8Array;
}

/** Bits of `facts`. */
export const bodyFact = {
  /** A bulk instruction or a counted loop stands inside a loop that is not counted. */
  dynamicInLoop: 1,
  hasBulk: 2,
  /** The counter is compared with `counterMax`. */
  isWatched: 4,
} as const;

/** Counted loops, as columns. */
export interface CountedLoopList {
  /** Segment of the loop's body, whose weight is charged for all iterations at once. */
  readonly segments: IntList;
  /** The local that counts. */
  readonly counters: IntList;
  /** What each iteration adds to it, not 0. */
  readonly steps: IntList;
  /** How many counted loops are nested inside it: names the local that keeps the counter's start. */
  readonly slots: IntList;
}
