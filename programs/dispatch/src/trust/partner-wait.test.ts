import assert from 'node:assert/strict';
import { test } from 'node:test';
import { partnerWait, runMsOf } from './partner-wait.ts';

test('a copy waits longer where its run is longer, and at a job’s end less', () => {
  assert.deepEqual(partnerWait({ reason: 'random', runMs: 60_000 }), { atLeastMs: 120_000, eachMs: 240_000 });
  assert.deepEqual(partnerWait({ reason: 'flush', runMs: 60_000 }), { atLeastMs: 20_000, eachMs: 240_000 });
});

test('a tiny run has the time of a call, and one that claims days is not waited for so long', () => {
  assert.equal(partnerWait({ reason: 'flush', runMs: 0.5 }).eachMs, 4_000);
  assert.equal(partnerWait({ reason: 'flush', runMs: 1e12 }).eachMs, 4 * 3_600_000);
});

test('the time of a run is its fuel at the reference machine’s speed', () => {
  assert.equal(runMsOf(30_000_000_000n, 500_000_000n), 60_000);
});
