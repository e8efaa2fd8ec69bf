import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultLevelFactors, type WantedTrust } from '@taika/protocol/trust-prices';
import { runningExecutions, trustLevels } from '@taika/trust/trust-level';
import fc from 'fast-check';
import { priceOf, rateFor, totalsOf } from './price.ts';

test('a price is exact to a thousandth of a coin, half up', () => {
  const rate = { priceMilli: 400n, perFuel: 10n ** 12n, factorThousandths: 1_000n };
  assert.equal(priceOf(0n, rate), 0n);
  assert.equal(priceOf(10n ** 12n, rate), 400n);
  assert.equal(priceOf(1_250_000_000n, rate), 1n);
  assert.equal(priceOf(1_249_999_999n, rate), 0n);
  // 10^7 units of 10^13 fuel pass the range of 64 bits.
  assert.equal(priceOf(10n ** 20n, rate), 40_000_000_000n);
  // The factor is applied before the rounding: 1.1 times 0.9 thousandths is one.
  assert.equal(priceOf(2_250_000_000n, { ...rate, factorThousandths: 1_100n }), 1n);
  assert.equal(priceOf(10n ** 12n, { ...rate, factorThousandths: 1_250n }), 500n);
});

test('a price differs from its exact value by at most half a thousandth, and more fuel or a higher factor is never cheaper', () => {
  const fuel = fc.bigInt(0n, 10n ** 21n);
  const rate = fc.record({
    priceMilli: fc.bigInt(0n, 10n ** 12n),
    perFuel: fc.bigInt(1n, 10n ** 18n),
    factorThousandths: fc.bigInt(10n, 500_000n),
  });
  fc.assert(
    fc.property(fuel, fuel, rate, (some, more, rate) => {
      const { priceMilli, perFuel, factorThousandths } = rate;
      const price = priceOf(some, rate);
      const off = 2n * (price * perFuel * 1_000n - some * priceMilli * factorThousandths);
      assert.ok(off <= perFuel * 1_000n && off > -perFuel * 1_000n);
      assert.ok(priceOf(some + more, rate) >= price);
      assert.ok(priceOf(some, { ...rate, factorThousandths: factorThousandths + 1n }) >= price);
    }),
  );
});

test('a job has the factor of its level; copies cost as many times the plain price; a card without factors has one price', () => {
  const card = { priceMilli: 400n, perFuel: 1n, levelFactors: defaultLevelFactors };
  const factorOf = (job: WantedTrust, of: Parameters<typeof rateFor>[0] = card) => {
    const { level, factorThousandths } = rateFor(of, job);
    return [level, factorThousandths];
  };
  assert.deepEqual(factorOf({}), ['plain', 1_000n]);
  assert.deepEqual(factorOf({ copies: 1 }), ['plain', 1_000n]);
  assert.deepEqual(factorOf({ copies: 3 }), ['copies', 3_000n]);
  assert.deepEqual(factorOf({ trust: 'economy' }), ['economy', 1_050n]);
  assert.deepEqual(factorOf({ trust: 'strict' }), ['strict', 2_000n]);
  for (const job of [{}, { copies: 5 }, { trust: 'strict' as const }]) {
    assert.equal(factorOf(job, { ...card, levelFactors: null })[1], 1_000n);
  }
});

test('the factors of the first card are the executions that each level means', () => {
  for (const level of Object.values(trustLevels)) {
    assert.equal(defaultLevelFactors[level.name], Math.round(runningExecutions(level) * 1_000));
  }
  assert.equal(defaultLevelFactors.plain, 1_000);
});

test('totals are whole coins, and the tax is rounded once from the net', () => {
  const { net, tax, total } = totalsOf([12_346n], 1_000);
  assert.deepEqual([net, tax, total], [12_000n, 1_000n, 13_000n]);
});
