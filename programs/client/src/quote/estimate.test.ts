import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { chooseUnits, estimateTotal, type Sampled } from './estimate.ts';

test('a sample of everything is exact', () => {
  const sampled = [unit(10n, 4), unit(30n, 8)];
  assert.deepEqual(estimateTotal(sampled, { units: 2, inputBytes: 12 }, 'fuel'), {
    low: 40n,
    likely: 40n,
    high: 40n,
  });
});

test('equal units give a narrow range, fuel by bytes is seen, one unit gives a wide range', () => {
  const equal = Array.from({ length: 8 }, () => unit(1000n, 5));
  const range = estimateTotal(equal, { units: 1000, inputBytes: 5000 }, 'fuel');
  assert.deepEqual(range, { low: 980_000n, likely: 1_000_000n, high: 1_020_000n });
  const byBytes = [1, 2, 3, 40, 5].map((bytes) => unit(BigInt(bytes * 100), bytes));
  const { low, likely, high } = estimateTotal(byBytes, { units: 100, inputBytes: 10_000 }, 'fuel');
  assert.equal(likely, 1_000_000n);
  assert.ok(low >= 970_000n && high <= 1_030_000n);
  assert.equal(estimateTotal([unit(7n, 1)], { units: 3, inputBytes: 3 }, 'fuel').high, 42n);
});

test('the range holds the total nearly always, and never lies below what was sampled', () => {
  let held = 0;
  let runs = 0;
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 900, max: 1100 }), { minLength: 20, maxLength: 200 }), (fuels) => {
      const all = fuels.map((fuel) => unit(BigInt(fuel), 1));
      const sampled = chooseUnits(all.length, 12).map((at) => all[at] as Sampled);
      const range = estimateTotal(sampled, { units: all.length, inputBytes: all.length }, 'fuel');
      const total = all.reduce((sum, { fuel }) => sum + fuel, 0n);
      runs += 1;
      if (range.low <= total && total <= range.high) held += 1;
      assert.ok(range.low >= sampled.reduce((sum, { fuel }) => sum + fuel, 0n));
    }),
    { seed: 1, numRuns: 300 },
  );
  assert.ok(held >= runs * 0.98, `${held} of ${runs}`);
});

test('units are chosen all along the input, each once', () => {
  assert.deepEqual(chooseUnits(10, 2), [2, 7]);
  assert.deepEqual(chooseUnits(3, 12), [0, 1, 2]);
  assert.deepEqual(chooseUnits(0, 12), []);
});

function unit(fuel: bigint, inputBytes: number): Sampled {
  return { fuel, inputBytes, outputBytes: 1 };
}
