import { type Caller, RemoteError } from '@taika/http/call';
import { retry } from '@taika/runtime/backoff';
import type { Clock } from '@taika/runtime/clock';
import type { Random } from '@taika/runtime/random';

/** A caller that waits for a server that is away. */
export interface PatientCaller extends Caller {
  /**
   * Repeats a step, such as one part of an upload, in the same way: it must be harmless to repeat. What is made of many such steps
   * persists in each of them, because patience that is shared by hours of uploading is used up before it is needed.
   */
  persist<T>(step: () => Promise<T>, signal?: AbortSignal): Promise<T>;
}

export interface PatienceOptions {
  /** How long one call waits for a server that answered before, from the first failure on. */
  readonly patienceMs: number;
  readonly clock: Clock;
  readonly random: Random;
}

/** A server that never answered is more likely a wrong address than a restart, so that is told soon. */
const firstContactMs = 2000;

/**
 * Makes a caller patient: calls that may be repeated are, with backoff, for `patienceMs`. `once` must not repeat by
 * itself. `open` stays a single attempt, since who reads a stream knows how to go on.
 */
export function patientCaller(once: Caller, { patienceMs, clock, random }: PatienceOptions): PatientCaller {
  let hasAnswered = false;
  const persist = <T>(step: () => Promise<T>, signal?: AbortSignal): Promise<T> => {
    // From the failure on: how long the step itself took says nothing of how long the server is away.
    let failedSinceMs: number | undefined;
    const attempt = async () => {
      try {
        const reply = await step();
        hasAnswered = true;
        return reply;
      } catch (error) {
        failedSinceMs ??= clock.monotonicMs();
        hasAnswered ||= error instanceof RemoteError && error.status !== 0;
        throw error;
      }
    };
    return retry(attempt, {
      attemptsMax: Number.POSITIVE_INFINITY,
      baseMs: 200,
      capMs: 5000,
      shouldRetry: (error) =>
        error instanceof RemoteError &&
        error.retryable &&
        clock.monotonicMs() - (failedSinceMs ?? 0) <
          (hasAnswered ? patienceMs : Math.min(firstContactMs, patienceMs)),
      requestedWaitMs: (error) => (error instanceof RemoteError ? error.retryAfterMs : undefined),
      clock,
      random,
      signal,
    });
  };
  return {
    persist,
    call: (route, ...input) =>
      route.idempotent === false
        ? once.call(route, ...input)
        : persist(() => once.call(route, ...input), input[0]?.signal),
    open: (route, input) => once.open(route, input),
  };
}
