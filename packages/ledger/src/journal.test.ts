import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  AMOUNT_MAX,
  assertBalanced,
  credit,
  debit,
  reversed,
  signedAmount,
  withoutZeros,
} from './journal.ts';

test('a journal sums to zero for each commodity by itself', () => {
  assertBalanced([debit('cash', 'JPY', 5n), credit('revenue:compute', 'JPY', 5n)]);
  assert.throws(
    () => assertBalanced([debit('cash', 'JPY', 5n), credit('revenue:compute', 'EUR', 5n)]),
    /JPY sums to 5/,
  );
  assert.throws(
    () => assertBalanced([debit('cash', 'JPY', 5n), credit('revenue:compute', 'JPY', 4n)]),
    /sums to 1/,
  );
});

test('a journal without lines, or with a line that says nothing, is a mistake', () => {
  assert.throws(() => assertBalanced([]), /needs postings/);
  for (const amount of [0n, -5n, AMOUNT_MAX + 1n]) {
    assert.throws(
      () => assertBalanced([debit('cash', 'JPY', amount), credit('cash', 'JPY', amount)]),
      RangeError,
    );
  }
});

test('a reversal undoes each line', () => {
  const postings = [debit('cash', 'JPY', 5n), credit('revenue:compute', 'JPY', 5n)];
  assert.deepEqual(reversed(postings).map(signedAmount), [-5n, 5n]);
  assert.deepEqual(withoutZeros([...postings, debit('rounding', 'JPY', 0n)]), postings);
});
