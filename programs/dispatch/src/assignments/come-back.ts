import type { Random } from '@taika/runtime/random';

/** An idle terminal learns of new work within about this time while few are idle. */
const idleMs = 1_000;
/** Calls a second that idle terminals may cost a replica; beyond it each waits longer. */
const idleCallsPerSecond = 500;
/** A terminal that computes calls at least so often: a cancelled job is dropped, and its presence is known. */
const busyMs = 15_000;

/** Milliseconds after which a terminal calls again, with jitter of a quarter so that terminals do not come in waves. */
export function comeBackMs(
  { hasWork, terminals }: { readonly hasWork: boolean; readonly terminals: number },
  random: Random,
): number {
  const meanMs = hasWork ? busyMs : Math.max(idleMs, (terminals / idleCallsPerSecond) * 1_000);
  return Math.round(meanMs * (0.75 + random.fraction() / 2));
}
