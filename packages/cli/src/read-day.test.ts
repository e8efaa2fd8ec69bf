import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readDay, readMonth } from './read-day.ts';

test('a day is one that the calendar has', () => {
  for (const day of ['2026-02-28', '2024-02-29', '2000-02-29', '2026-12-31']) {
    assert.equal(readDay(day, '--to'), day);
  }
  for (const none of ['2026-02-31', '2026-02-29', '1900-02-29', '2026-04-31', '2026-13-01', '2026-1-1', '']) {
    assert.throws(
      () => readDay(none, '--to'),
      { code: 'usage', message: /--to is ".*", which is no day/ },
      none,
    );
  }
});

test('a month is one of twelve', () => {
  assert.equal(readMonth('2026-12', 'the month'), '2026-12');
  for (const none of ['2026-13', '2026-00', '2026-1', '2026-01-01']) {
    assert.throws(() => readMonth(none, 'the month'), { code: 'usage' }, none);
  }
});
