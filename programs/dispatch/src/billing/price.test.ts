import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { priceOf, totalsOf } from './price.ts';

test('a price is exact to a thousandth of a coin, half up', () => {
  const rate = { priceMilli: 400n, perFuel: 10n ** 12n };
  assert.equal(priceOf(0n, rate), 0n);
  assert.equal(priceOf(10n ** 12n, rate), 400n);
  assert.equal(priceOf(1_250_000_000n, rate), 1n);
  assert.equal(priceOf(1_249_999_999n, rate), 0n);
  // 10^7 units of 10^13 fuel pass the range of 64 bits.
  assert.equal(priceOf(10n ** 20n, rate), 40_000_000_000n);
});

test('a price differs from its exact value by at most half a thousandth, and more fuel is never cheaper', () => {
  const fuel = fc.bigInt(0n, 10n ** 21n);
  const rate = fc.record({ priceMilli: fc.bigInt(0n, 10n ** 12n), perFuel: fc.bigInt(1n, 10n ** 18n) });
  fc.assert(
    fc.property(fuel, fuel, rate, (some, more, { priceMilli, perFuel }) => {
      const price = priceOf(some, { priceMilli, perFuel });
      const off = 2n * (price * perFuel - some * priceMilli);
      assert.ok(off <= perFuel && off > -perFuel);
      assert.ok(priceOf(some + more, { priceMilli, perFuel }) >= price);
    }),
  );
});

test('totals are whole coins, and the tax is rounded once from the net', () => {
  const { net, tax, total } = totalsOf([12_346n], 1_000);
  assert.deepEqual([net, tax, total], [12_000n, 1_000n, 13_000n]);
});
