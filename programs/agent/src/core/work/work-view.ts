import type { ReasonText } from '@taika/protocol/schema';
import { type HeldRun, unitCountOf } from './held-run.ts';
import type { WorkCounts } from './work-counts.ts';

/** What the loop shows of itself. */
export interface WorkView {
  readonly reason: ReasonText | undefined;
  readonly runs: readonly {
    readonly jobId: string;
    readonly description: string;
    readonly units: number;
    readonly unitsEnded: number;
  }[];
  readonly isolationLevel: number | undefined;
  /** Since the start of this process. */
  readonly counts: WorkCounts['units'];
  readonly busyMs: number;
}

export function viewRuns(runs: readonly HeldRun[]): WorkView['runs'] {
  return runs.map(({ brief, assignment, unitsEnded }) => ({
    jobId: brief.jobId,
    description: brief.description,
    units: unitCountOf(assignment),
    unitsEnded,
  }));
}
