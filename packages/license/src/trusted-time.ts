import type { Clock } from '@taika/runtime/clock';

/** An instant that cannot be set back below what signed evidence has shown. */
export interface TrustedTime {
  now(): Date;
  /** A vendor signed something at this instant, so it is no earlier now. */
  learn(instant: Date): void;
  /**
   * The latest signed instant and the time that was counted since, to be kept for the next start: with the instant alone
   * a clock that is set back at each start would give the same grant its whole life again.
   */
  readonly latest: Date | undefined;
}

/**
 * The wall clock, but never behind the start of this run or the latest signed instant, each moved on by the monotonic
 * clock. A member whose clock is simply wrong loses nothing as soon as it is right; a grant does not come back to life
 * by setting the clock back. Jumps of the wall clock are not counted: one forward may be the correction of a wrong clock.
 */
export function createTrustedTime(clock: Clock, remembered?: Date, builtAt?: Date): TrustedTime {
  let floor = { atMs: clock.now().getTime(), monotonicMs: clock.monotonicMs() };
  let signed: typeof floor | undefined;
  const movedOn = ({ atMs, monotonicMs }: typeof floor) => atMs + clock.monotonicMs() - monotonicMs;
  const now = () => new Date(Math.max(clock.now().getTime(), movedOn(floor)));
  const learn = (instant: Date) => {
    const learnt = { atMs: instant.getTime(), monotonicMs: clock.monotonicMs() };
    if (signed === undefined || learnt.atMs > movedOn(signed)) signed = learnt;
    if (instant > now()) floor = learnt;
  };
  if (remembered !== undefined) learn(remembered);
  // No evidence of a vendor, so it is not kept; but nothing runs before it was built.
  if (builtAt !== undefined && builtAt > now())
    floor = { atMs: builtAt.getTime(), monotonicMs: clock.monotonicMs() };
  return {
    now,
    learn,
    get latest() {
      return signed === undefined ? undefined : new Date(movedOn(signed));
    },
  };
}
