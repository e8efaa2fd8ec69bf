/** Time as the rest of the system sees it. Passed in, so that a test can move it (see `manual-clock.ts`). */
export interface Clock {
  /** The wall clock; may jump when somebody sets the machine's time. */
  now(): Date;
  /** Milliseconds that only ever grow; for durations, never for instants. */
  monotonicMs(): number;
  /** Resolves after `ms`; rejects with the signal's reason as soon as the signal aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** The machine's own clock. Only a composition root names it. */
export const systemClock: Clock = {
  now: () => new Date(),
  monotonicMs: () => performance.now(),
  sleep(ms, signal) {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(signal.reason);
        return;
      }
      const onAbort = () => {
        clearTimeout(timer);
        reject(signal?.reason);
      };
      const timer = setTimeout(
        () => {
          signal?.removeEventListener('abort', onAbort);
          resolve();
        },
        Math.min(ms, timerMsMax),
      );
      signal?.addEventListener('abort', onAbort, { once: true });
    });
  },
};

/** Timers hold 32 signed bits; a longer one would fire at once. 24.8 days is never waited for in one piece here. */
const timerMsMax = 2 ** 31 - 1;
