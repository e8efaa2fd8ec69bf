import type { Clock } from '@taika/runtime/clock';
import { createElapsedTime } from './elapsed-time.ts';

/** An instant that cannot be set back below what signed evidence has shown. */
export interface TrustedTime {
  now(): Date;
  /** A vendor signed something at this instant, so it is no earlier now. */
  learn(instant: Date): void;
  /** The latest instant learnt, to be kept for the next start. */
  readonly latest: Date | undefined;
}

/**
 * The wall clock, but never behind itself within one run and never behind the latest signed instant. A member whose
 * clock is simply wrong loses nothing; a grant of last month does not come back to life by setting the clock back.
 */
export function createTrustedTime(clock: Clock, remembered?: Date): TrustedTime {
  const elapsedMs = createElapsedTime(clock);
  let floor = { atMs: clock.now().getTime(), elapsedMs: elapsedMs() };
  let latest: Date | undefined;
  const now = () => new Date(Math.max(clock.now().getTime(), floor.atMs + elapsedMs() - floor.elapsedMs));
  const learn = (instant: Date) => {
    if (latest === undefined || instant > latest) latest = instant;
    if (instant > now()) floor = { atMs: instant.getTime(), elapsedMs: elapsedMs() };
  };
  if (remembered !== undefined) learn(remembered);
  return {
    now,
    learn,
    get latest() {
      return latest;
    },
  };
}
