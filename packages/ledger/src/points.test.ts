import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  earnedPoints,
  expiryMonth,
  formatPoints,
  isExpiredMonth,
  parsePoints,
  pointsForPrice,
  pointsWorth,
} from './points.ts';

test('a point is worth one yen, or one unit of another currency', () => {
  assert.equal(pointsWorth(1_000n, 'JPY'), 1_000n);
  assert.equal(pointsWorth(1_000n, 'EUR'), 100_000n);
  assert.equal(pointsForPrice(100_000n, 'EUR'), 1_000n);
  assert.equal(pointsForPrice(199n, 'EUR'), 1n);
});

test('points are fuel times the earn rate', () => {
  assert.equal(earnedPoints(2_000_000_000n, 1_500n), 3_000n);
  assert.equal(earnedPoints(333_334n, 1_500n), 1n);
  assert.equal(earnedPoints(333_333n, 1_500n), 0n);
});

test('points survive reading and writing', () => {
  assert.equal(formatPoints(12_500n), '12.500');
  assert.equal(parsePoints('12.5'), 12_500n);
});

test('points can be spent until the end of their month', () => {
  assert.equal(expiryMonth(new Date('2026-11-30T23:59:59Z'), 3), '2027-02');
  assert.equal(isExpiredMonth('2027-02', new Date('2027-02-28T23:59:59Z')), false);
  assert.equal(isExpiredMonth('2027-02', new Date('2027-03-01T00:00:00Z')), true);
});
