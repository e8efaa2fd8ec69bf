import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { jobTotals, maxPriceOf } from './job-limit.ts';

test('a job may cost what its customer says, else what the contractor does, and free work needs no limit', () => {
  const rules = { jobLimitMilli: 7_000n, priceMilli: 1n };
  assert.equal(maxPriceOf(5_000n, rules), 5_000n);
  assert.equal(maxPriceOf(undefined, rules), 7_000n);
  assert.equal(maxPriceOf(5_000n, { ...rules, priceMilli: 0n }), undefined);
});

test('a total is never beyond the maximal price, and short of it by less than two coins', () => {
  fc.assert(
    fc.property(
      fc.bigInt(0n, 10n ** 12n),
      fc.bigInt(1n, 10n ** 12n),
      fc.integer({ min: 0, max: 3_000 }),
      (amountMilli, maxPriceMilli, taxBasisPoints) => {
        const job = jobTotals(amountMilli, { taxBasisPoints, maxPriceMilli });
        assert.ok(job.total <= maxPriceMilli);
        assert.equal(job.amountMilli + job.beyondMilli, amountMilli);
        assert.equal(job.net + job.tax, job.total);
        assert.ok(job.beyondMilli <= 0n || maxPriceMilli - job.total < 2_000n);
      },
    ),
  );
});
