import type { Clock } from './clock.ts';

/** A clock that stands still until a test moves it. */
export interface ManualClock extends Clock {
  /** Moves time forward step by step, waking every sleeper at its own instant, in order. */
  advance(ms: number): Promise<void>;
  /** How many sleepers wait. A test waits for this before it advances. */
  readonly sleepers: number;
}

/** Creates a clock that shows `start` and moves only by `advance`. */
export function createManualClock(start: Date): ManualClock {
  const sleepers = new Set<Sleeper>();
  let elapsedMs = 0;
  return {
    now: () => new Date(start.getTime() + elapsedMs),
    monotonicMs: () => elapsedMs,
    get sleepers() {
      return sleepers.size;
    },
    sleep(ms, signal) {
      return new Promise((resolve, reject) => {
        if (signal?.aborted) {
          reject(signal.reason);
          return;
        }
        const sleeper: Sleeper = { wakeAtMs: elapsedMs + Math.max(0, ms), wake: resolve };
        sleepers.add(sleeper);
        signal?.addEventListener(
          'abort',
          () => {
            if (sleepers.delete(sleeper)) {
              reject(signal.reason);
            }
          },
          { once: true },
        );
      });
    },
    async advance(ms) {
      const targetMs = elapsedMs + ms;
      for (;;) {
        // What a woken sleeper does next may itself sleep, so give its promises time to run first.
        await settle();
        const next = earliest(sleepers);
        if (next === undefined || next.wakeAtMs > targetMs) {
          break;
        }
        sleepers.delete(next);
        elapsedMs = Math.max(elapsedMs, next.wakeAtMs);
        next.wake();
      }
      elapsedMs = targetMs;
    },
  };
}

interface Sleeper {
  readonly wakeAtMs: number;
  readonly wake: () => void;
}

function earliest(sleepers: ReadonlySet<Sleeper>): Sleeper | undefined {
  let found: Sleeper | undefined;
  for (const sleeper of sleepers) {
    if (found === undefined || sleeper.wakeAtMs < found.wakeAtMs) {
      found = sleeper;
    }
  }
  return found;
}

/** One turn of the event loop: every promise that can settle without time passing has settled. */
function settle(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}
