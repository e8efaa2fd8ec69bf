import type { Clock } from '@taika/runtime/clock';
import { type ComputedRun, returnUncomputed } from './computed-run.ts';
import { type HeldRun, unitsLeft } from './held-run.ts';

/** The runs that this terminal holds: one is computed while the next one waits, so that no core idles while the server is asked. */
export interface HeldRuns {
  readonly all: readonly HeldRun[];
  readonly isFull: boolean;
  take(run: HeldRun): void;
  /** Begins the next run as soon as a core has nothing left to do of those that are under way. */
  beginNext(): void;
  /** Stops all. What is begun ends with its finished prefix, by itself; what is not is given back here, whole. */
  giveBack(cause: 'paused' | 'stopped'): ComputedRun[];
  /** Stops runs of which nothing is to be said any more. */
  drop(isOver: (run: HeldRun) => boolean): void;
  /** Resolves when nothing is computed any more. */
  ended(): Promise<unknown>;
}

export interface HeldRunsOptions {
  readonly clock: Clock;
  readonly cores: () => number;
  readonly mayCompute: () => boolean;
  readonly compute: (run: HeldRun) => Promise<ComputedRun>;
  /** Called with each run that ended and was not dropped. */
  readonly onEnded: (done: ComputedRun) => void;
}

const runsHeldMax = 2;

export function createHeldRuns({ clock, cores, mayCompute, compute, onEnded }: HeldRunsOptions): HeldRuns {
  let held: readonly HeldRun[] = [];
  const computing = new Set<Promise<void>>();

  function beginNext(): void {
    if (!mayCompute()) return;
    for (const run of held) {
      const left = held.filter(({ isBegun }) => isBegun).reduce((sum, each) => sum + unitsLeft(each), 0);
      if (left >= cores()) return;
      if (run.isBegun) continue;
      run.isBegun = true;
      const done = begin(run).finally(() => computing.delete(done));
      computing.add(done);
    }
  }

  async function begin(run: HeldRun): Promise<void> {
    if (clock.monotonicMs() > run.deadlineAtMs) run.stop.abort('stopped');
    const done = await compute(run);
    if (!held.includes(run)) return;
    held = held.filter((each) => each !== run);
    onEnded(done);
    beginNext();
  }

  return {
    get all() {
      return held;
    },
    get isFull() {
      return held.length >= runsHeldMax;
    },
    take(run) {
      held = [...held, run];
    },
    beginNext,
    giveBack(cause) {
      const waiting = held.filter(({ isBegun }) => !isBegun);
      for (const run of held) run.stop.abort(cause);
      held = held.filter(({ isBegun }) => isBegun);
      return waiting.map(({ assignment, brief }) => returnUncomputed(assignment, brief, cause));
    },
    drop(isOver) {
      for (const run of held.filter(isOver)) run.stop.abort('stopped');
      held = held.filter((run) => !isOver(run));
    },
    ended: () => Promise.all(computing),
  };
}
