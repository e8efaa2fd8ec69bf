import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { pointsMax, sumOfLines, takeOff } from './price.ts';

const line = (amountMilli: string, quantity = 1, currency = 'JPY') => ({
  description: 'tea',
  quantity,
  unitPrice: { currency, amountMilli },
});

test('the price is the sum of the lines', () => {
  assert.deepEqual(sumOfLines([line('1200000', 2), line('80000')]), {
    currency: 'JPY',
    priceMilli: 2_480_000n,
  });
});

test('lines in two currencies, below zero, or that leave a fraction of a coin are refused', () => {
  for (const lines of [[], [line('1000'), line('1000', 1, 'USD')], [line('-1000')], [line('1500')]]) {
    assert.throws(() => sumOfLines(lines), { code: 'bad-request' });
  }
});

test('charge and discount add up to the price, the discount is what the points are worth, and both are whole coins', () => {
  const currencies = fc.constantFrom('JPY', 'USD', 'KWD');
  fc.assert(
    fc.property(
      currencies,
      fc.bigInt(0n, 10n ** 9n),
      fc.bigInt(0n, 10n ** 10n),
      (currency, coins, available) => {
        const priced = { currency, priceMilli: coins * 1000n };
        const points = pointsMax(available, priced);
        const { chargeMilli, discountMilli, pointsMilli } = takeOff(points, priced);
        assert.equal(chargeMilli + discountMilli, priced.priceMilli);
        assert.ok(chargeMilli >= 0n && discountMilli >= 0n && pointsMilli <= available);
        assert.equal(chargeMilli % 1000n, 0n);
        const worth = { JPY: 1n, USD: 100n, KWD: 1000n }[currency] ?? 0n;
        assert.equal(discountMilli, pointsMilli * worth);
        // As many as possible: one coin more would be more than there are, or than it costs.
        const more = points + (worth >= 1000n ? 1n : 1000n / worth);
        assert.ok(more > available || more * worth > priced.priceMilli);
      },
    ),
  );
});

test('points beyond the price or that leave a fraction are refused', () => {
  const priced = { currency: 'JPY', priceMilli: 5000n };
  assert.throws(() => takeOff(6000n, priced), { code: 'bad-request' });
  assert.throws(() => takeOff(1500n, priced), { code: 'bad-request' });
  assert.throws(() => takeOff(-1000n, priced), { code: 'bad-request' });
});
