import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Clock } from '@taika/runtime/clock';
import { createElapsedTime } from './elapsed-time.ts';
import { createTrustedTime } from './trusted-time.ts';

const day = 24 * 3600_000;

test('a wall clock that is set back stops neither a duration nor an expiry', () => {
  const clock = looseClock();
  const elapsed = createElapsedTime(clock);
  const trusted = createTrustedTime(clock);
  clock.wallMs -= 30 * day;
  clock.monotonic += 1000;
  assert.equal(elapsed(), 1000);
  assert.equal(trusted.now().getTime(), clock.startMs + 1000);
});

test('a machine that slept finds the time gone', () => {
  const clock = looseClock();
  const elapsed = createElapsedTime(clock);
  clock.wallMs += 3600_000;
  clock.monotonic += 1000;
  assert.equal(elapsed(), 3600_000);
});

test('a clock that is corrected by a little counts for nothing', () => {
  const clock = looseClock();
  const elapsed = createElapsedTime(clock);
  for (let step = 0; step < 100; step++) {
    clock.wallMs += 1100;
    clock.monotonic += 1000;
    elapsed();
  }
  assert.equal(elapsed(), 100_000);
});

test('a clock thirty days back is moved on by what a vendor signed, in this run and the next', () => {
  const clock = looseClock();
  const real = new Date(clock.startMs + 30 * day);
  const trusted = createTrustedTime(clock);
  trusted.learn(real);
  clock.monotonic += 5000;
  clock.wallMs += 5000;
  assert.equal(trusted.now().getTime(), real.getTime() + 5000);
  assert.equal(createTrustedTime(looseClock(), trusted.latest).now().getTime(), real.getTime() + 5000);
});

test('a clock that is set back at each start gives a grant its life once, not once a start', () => {
  const signedAt = new Date(looseClock().startMs);
  let remembered: Date | undefined = signedAt;
  for (let start = 0; start < 9; start++) {
    const clock = looseClock();
    const trusted = createTrustedTime(clock, remembered);
    trusted.learn(signedAt);
    clock.monotonic += 3600_000;
    remembered = trusted.latest;
  }
  assert.equal(remembered?.getTime(), signedAt.getTime() + 9 * 3600_000);
});

test('without a memory no time before the build is believed, and a clock that is right is', () => {
  const clock = looseClock();
  const builtAt = new Date(clock.startMs + 20 * day);
  const trusted = createTrustedTime(clock, undefined, builtAt);
  clock.monotonic += 1000;
  assert.equal(trusted.now().getTime(), builtAt.getTime() + 1000);
  assert.equal(trusted.latest, undefined);
  clock.wallMs += 40 * day;
  assert.equal(trusted.now().getTime(), clock.wallMs);
});

test('a clock that is corrected after a grant was seen costs nothing', () => {
  const clock = looseClock();
  const trusted = createTrustedTime(clock);
  const real = clock.startMs + 30 * day;
  trusted.learn(new Date(real - 3600_000));
  clock.wallMs = real;
  assert.equal(trusted.now().getTime(), real);
});

interface LooseClock extends Clock {
  readonly startMs: number;
  wallMs: number;
  monotonic: number;
}

/** A clock whose two hands are moved apart. */
function looseClock(): LooseClock {
  const startMs = Date.UTC(2026, 0, 1);
  const clock: LooseClock = {
    startMs,
    wallMs: startMs,
    monotonic: 0,
    now: () => new Date(clock.wallMs),
    monotonicMs: () => clock.monotonic,
    sleep: () => Promise.reject(new Error('not used')),
  };
  return clock;
}
