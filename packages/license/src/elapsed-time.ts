import type { Clock } from '@taika/runtime/clock';

/** More than this between two readings is a machine that slept, not a clock that drifted. */
const suspendMsMin = 5000;

/**
 * Milliseconds since it was made, by a counter that only grows. A monotonic clock stands still while a machine
 * sleeps, so a wall clock that ran ahead of it counts too; one that was set back counts for nothing.
 */
export function createElapsedTime(clock: Clock): () => number {
  const startMs = clock.monotonicMs();
  let offsetMs = clock.now().getTime() - startMs;
  let suspendedMs = 0;
  return () => {
    const monotonicMs = clock.monotonicMs();
    const offset = clock.now().getTime() - monotonicMs;
    if (offset - offsetMs > suspendMsMin) suspendedMs += offset - offsetMs;
    offsetMs = offset;
    return monotonicMs - startMs + suspendedMs;
  };
}
