import type { EndedRun } from './held-run.ts';

/** Units by what became of them, since the start of this process. */
export interface WorkCounts {
  readonly units: {
    readonly computed: number;
    readonly accepted: number;
    readonly returned: number;
    readonly late: number;
  };
  /** The sum of all units' time. */
  readonly busyMs: number;
  noteUnit(durationMs: number): void;
  noteVerdict(run: EndedRun, verdict: string): void;
}

export function createWorkCounts(): WorkCounts {
  const units = { computed: 0, accepted: 0, returned: 0, late: 0 };
  let busyMs = 0;
  return {
    get units() {
      return { ...units };
    },
    get busyMs() {
      return busyMs;
    },
    noteUnit(durationMs) {
      units.computed++;
      busyMs += durationMs;
    },
    noteVerdict(run, verdict) {
      if (verdict === 'accepted' || verdict === 'already') units.accepted += run.units.length;
      if (verdict === 'late') units.late += run.units.length;
      units.returned += run.returned?.units ?? 0;
    },
  };
}
