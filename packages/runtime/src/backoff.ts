import type { Clock } from './clock.ts';
import type { Random } from './random.ts';

/** Bounds of the wait between attempts. */
export interface BackoffBounds {
  /** Upper bound of the wait after the first failure; doubles with each further one. */
  readonly baseMs: number;
  /** Upper bound of every wait. */
  readonly capMs: number;
}

/** How long to wait after failure number `attempt` (from 0): anything up to the doubled bound ("full jitter"), so that many who failed together do not come back together. */
export function backoffMs(attempt: number, { baseMs, capMs }: BackoffBounds, random: Random): number {
  return random.fraction() * Math.min(capMs, baseMs * 2 ** Math.min(attempt, 52));
}

/** How `retry` behaves. */
export interface RetryOptions extends Partial<BackoffBounds> {
  /** Attempts in all, the first included. */
  readonly attemptsMax: number;
  /** Whether this failure may be mended by trying again. */
  readonly shouldRetry: (error: unknown) => boolean;
  /** A wait that the other side asked for (`Retry-After`); waited for at least, but never beyond `capMs`. */
  readonly requestedWaitMs?: (error: unknown) => number | undefined;
  readonly clock: Clock;
  readonly random: Random;
  readonly signal?: AbortSignal | undefined;
}

/** Default bounds: a first wait of at most 100 ms, no wait beyond 10 s. */
export const defaultBackoff: BackoffBounds = { baseMs: 100, capMs: 10_000 };

/** Runs `step` until it succeeds, fails for good, or `attemptsMax` is reached; then throws the last failure as it was. The only place of retries. */
export async function retry<T>(step: (attempt: number) => Promise<T>, options: RetryOptions): Promise<T> {
  const { attemptsMax, shouldRetry, clock, random, signal } = options;
  const bounds = {
    baseMs: options.baseMs ?? defaultBackoff.baseMs,
    capMs: options.capMs ?? defaultBackoff.capMs,
  };
  for (let attempt = 0; ; attempt++) {
    signal?.throwIfAborted();
    try {
      return await step(attempt);
    } catch (error) {
      if (attempt + 1 >= attemptsMax || signal?.aborted || !shouldRetry(error)) {
        throw error;
      }
      const requestedMs = Math.min(bounds.capMs, options.requestedWaitMs?.(error) ?? 0);
      await clock.sleep(requestedMs + backoffMs(attempt, bounds, random), signal);
    }
  }
}
