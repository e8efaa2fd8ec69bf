import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pauseUntil } from './pause-until.ts';

test('a pause ends after minutes, hours, at the next midnight, or never', () => {
  const now = new Date(2026, 4, 31, 22, 30);
  assert.equal(pauseUntil('15m', now), now.getTime() + 900_000);
  assert.equal(pauseUntil('1h', now), now.getTime() + 3_600_000);
  assert.equal(pauseUntil('tomorrow', now), new Date(2026, 5, 1).getTime());
  assert.equal(pauseUntil(undefined, now), undefined);
  for (const bad of ['', '0m', 'm', '1', '1d', 'now', '-1m'])
    assert.throws(() => pauseUntil(bad, now), /no length/);
});
