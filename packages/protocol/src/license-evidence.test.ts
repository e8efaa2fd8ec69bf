import assert from 'node:assert/strict';
import { test } from 'node:test';
import { commonHours, countHours, fromBits, hourOfMonth, noHours, toBits } from './license-evidence.ts';

const marked = (...hours: number[]) =>
  fromBits(Array.from({ length: 744 }, (_, hour) => (hours.includes(hour) ? '1' : '0')).join(''));

test('hours of a month are bits from the left', () => {
  assert.equal(hourOfMonth(new Date('2026-11-01T00:59:59Z')), 0);
  assert.equal(hourOfMonth(new Date('2026-12-31T23:00:00Z')), 743);
  assert.equal(marked(0).slice(0, 2), '80');
  assert.equal(toBits(marked(5, 743)).indexOf('1'), 5);
  assert.equal(fromBits(toBits(marked(1, 2, 700))), marked(1, 2, 700));
  assert.equal(noHours.length, 186);
});

test('hours are counted, and only those that both have are common', () => {
  assert.equal(countHours(noHours), 0);
  assert.equal(countHours(marked(1, 2, 700)), 3);
  assert.equal(commonHours(marked(1, 2, 700), marked(2, 3, 700)), marked(2, 700));
});
