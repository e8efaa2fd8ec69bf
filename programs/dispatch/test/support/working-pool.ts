import { type Compute, pause, reportOf, type TestWorker } from './grid.ts';

/** Workers that go on beside a test, and leave nothing half done when they rest. */
export interface WorkingPool extends AsyncDisposable {
  /** Lets them rest while a step runs, so that what is handed out then goes to others. */
  restWhile<T>(step: () => Promise<T>): Promise<T>;
}

/** Sets workers to work. Each hands in what it took before it asks for more. */
export function startWorkingPool(workers: readonly TestWorker[], compute: Compute): WorkingPool {
  let isOver = false;
  let isResting = false;
  let busy = 0;
  const work = async (worker: TestWorker) => {
    while (!isOver) {
      if (isResting) {
        await pause();
        continue;
      }
      busy += 1;
      const { assignments } = await worker.cycle();
      const reports = await Promise.all(assignments.map((each) => reportOf(each, compute)));
      if (reports.length > 0) {
        await worker.cycle({ reports, unitsMax: 0 });
      }
      busy -= 1;
      if (reports.length === 0) {
        await pause();
      }
    }
  };
  const working = Promise.all(workers.map(work));
  return {
    async restWhile(step) {
      isResting = true;
      while (busy > 0) {
        await pause();
      }
      try {
        return await step();
      } finally {
        isResting = false;
      }
    },
    async [Symbol.asyncDispose]() {
      isOver = true;
      await working;
    },
  };
}
