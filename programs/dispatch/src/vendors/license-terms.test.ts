import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type DatedTerms, earliestMonth, monthAfter, termsInMonth } from './license-terms.ts';

const terms = (fromMonth: string | null, feeMilli: bigint, product = 'editor'): DatedTerms => ({
  product,
  fromMonth,
  kind: 'per-license-month',
  feeMilli,
  pointsMilliMin: 0n,
  hoursMin: 0,
  taxBasisPoints: 0,
});

test('a month has the terms that counted from it or last before it', () => {
  const history = [terms('2026-03', 300n), terms('2026-05', 900n), terms(null, 7n, 'player')];
  const feeIn = (month: string, product = 'editor') => termsInMonth(history, { product, month })?.feeMilli;
  assert.deepEqual(
    ['2026-02', '2026-03', '2026-04', '2026-05', '2027-01'].map((month) => feeIn(month)),
    [undefined, 300n, 300n, 900n, 900n],
  );
  assert.equal(feeIn('2020-01', 'player'), 7n);
  assert.equal(feeIn('2026-05', 'painter'), undefined);
});

test('terms count at once only where nothing was earned', () => {
  const now = new Date('2026-12-31T23:59:59Z');
  assert.equal(earliestMonth(now, { isInUse: false }), '2026-12');
  assert.equal(earliestMonth(now, { isInUse: true }), '2027-01');
  assert.equal(monthAfter('2026-08'), '2026-09');
});
