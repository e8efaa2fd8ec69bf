import type { Clock } from '@taika/runtime/clock';

/** The waiting of a loop that can be called before its time. */
export interface Pace {
  /** Waits so long, or until it is hurried; a call to hurry since the last `begin` counts too. Never throws. */
  rest(ms: number): Promise<void>;
  /** To be called before the work whose outcome the rest depends on. */
  begin(): void;
  hurry(): void;
}

/** Timers are not trusted with longer waits. */
const restMsMax = 2 ** 30;

/** A pace that ends all waiting when `stopping` is aborted. */
export function createPace(clock: Clock, stopping: AbortSignal): Pace {
  let hurried = new AbortController();
  return {
    begin() {
      hurried = new AbortController();
    },
    hurry: () => hurried.abort(),
    rest: (ms) =>
      clock
        .sleep(Math.min(restMsMax, Math.max(0, ms)), AbortSignal.any([hurried.signal, stopping]))
        .catch(() => {}),
  };
}
