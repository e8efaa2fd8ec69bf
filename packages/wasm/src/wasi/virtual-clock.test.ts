import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from './virtual-clock.ts';

test('a clock at the end of its time stays there and never goes back', () => {
  const clock = new VirtualClock();
  clock.advanceTo(clock.read() + 2n ** 64n - 10n ** 6n);
  assert.equal(clock.read(), 2n ** 64n - 1n);
  clock.advanceTo(2n ** 65n);
  assert.equal(clock.read(), 2n ** 64n - 1n);
});
