import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { flushSample } from './flush.ts';
import { trustLevels } from './trust-level.ts';

test('a sample misses more wrong results than the level allows with at most the risk it states', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 3000 }),
      fc.constantFrom(...Object.values(trustLevels)),
      (open, level) => {
        const sample = flushSample(open, level);
        const wrong = Math.floor(level.wrongShareMax * open) + 1;
        let missed = 1;
        for (let drawn = 0; drawn < sample; drawn++) {
          missed *= Math.max(0, open - wrong - drawn) / (open - drawn);
        }
        assert.ok(sample === open || missed <= 1 - level.confidence);
      },
    ),
  );
});

test('a sample is never greater than ln(1 − confidence)/ln(1 − p) says', () => {
  const most = { economy: 59, standard: 229, high: 919 } as const;
  for (const [name, bound] of Object.entries(most)) {
    const level = trustLevels[name as keyof typeof most];
    for (const open of [1, 10, 100, 1000, 100_000]) {
      assert.ok(flushSample(open, level) <= bound, `${name} of ${open}: ${flushSample(open, level)}`);
    }
  }
});

test('few open results are all checked, and strict checks all of any number', () => {
  assert.equal(flushSample(0, trustLevels.standard), 0);
  assert.equal(flushSample(10, trustLevels.standard), 10);
  assert.equal(flushSample(1234, trustLevels.strict), 1234);
});
