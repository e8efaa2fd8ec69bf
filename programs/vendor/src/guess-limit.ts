import { ApiError } from '@taika/http/api-error';
import type { Clock } from '@taika/runtime/clock';

/** Bounds how many unknown license keys one party may try. */
export interface GuessLimit {
  /** Runs an attempt; one that fails with `bad-key` for a key that could exist counts. Throws `rate-limited` when there were too many. */
  guard<T>(party: string, attempt: () => Promise<T>): Promise<T>;
}

/** Guesses that one party has at once; one comes back every three seconds. A key has 120 random bits, so this only keeps noise out. */
const guessesMax = 20;
const guessReturnsMs = 3000;
/** Parties remembered; the one seen longest ago is dropped. */
const partiesMax = 10_000;

/** Creates a GuessLimit in memory: each replica allows as many. A typing error does not count: its check symbol tells it without a look-up. */
export function createGuessLimit(clock: Clock): GuessLimit {
  const spent = new Map<string, { guesses: number; atMs: number }>();
  const left = (party: string) => {
    const { guesses, atMs } = spent.get(party) ?? { guesses: 0, atMs: clock.monotonicMs() };
    return Math.max(0, guesses - (clock.monotonicMs() - atMs) / guessReturnsMs);
  };
  return {
    async guard(party, attempt) {
      const guesses = left(party);
      if (guesses > guessesMax - 1) {
        const retryAfterMs = Math.ceil((guesses - (guessesMax - 1)) * guessReturnsMs);
        throw new ApiError('rate-limited', 'Too many license keys were wrong.', { retryAfterMs });
      }
      try {
        return await attempt();
      } catch (error) {
        if (error instanceof ApiError && error.code === 'bad-key' && error.extra.mistyped !== true) {
          // Asked again, because others of the same party may have failed while this one ran.
          const sum = left(party) + 1;
          spent.delete(party);
          spent.set(party, { guesses: sum, atMs: clock.monotonicMs() });
          const oldest = spent.size > partiesMax ? spent.keys().next().value : undefined;
          if (oldest !== undefined) {
            spent.delete(oldest);
          }
        }
        throw error;
      }
    },
  };
}
