import type { Range } from './estimate.ts';

/** What a job will take, as far as this machine found out. */
export interface JobEstimate {
  readonly units: number;
  readonly unitsSampled: number;
  /** What programs read: a header, or what else frames a unit, counts with each unit that reads it. */
  readonly inputBytes: number;
  readonly fuel: Range;
  /** Of the outputs before they are merged. */
  readonly outputBytes: Range;
  /** What this machine did with all its cores. */
  readonly fuelPerSecondHere: number;
  /**
   * What the figures are of: all of the job, or the first `stages` of its (first round's) stages only, because what follows reads all
   * that they give. Then every figure is a lower bound.
   */
  readonly covers: 'all' | 'first-stages';
  readonly stages: number;
  /** Whether levels of a merge by program are among the figures that were computed once, of outputs of the sample. */
  readonly hasSampledMerge: boolean;
}

export interface SampleOptions {
  /** Units computed at a time. */
  readonly parallel: number;
  /** Units to compute at most; a level of a merge by program takes one more. */
  readonly samples: number;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}
