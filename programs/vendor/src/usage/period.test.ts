import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nextPeriod, openPeriod, periodOf } from './period.ts';

test('a use counts in its month in UTC, or in the first later one that is not closed', () => {
  const now = new Date('2026-12-31T23:59:59Z');
  assert.equal(periodOf(now), '2026-12');
  assert.equal(nextPeriod('2026-12'), '2027-01');
  assert.equal(nextPeriod('2026-01'), '2026-02');
  assert.equal(openPeriod(now, new Set()), '2026-12');
  assert.equal(openPeriod(now, new Set(['2026-11', '2026-12', '2027-01'])), '2027-02');
});
