import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  currencyExponent,
  formatMoney,
  formatMoneyExactly,
  fromMinorUnits,
  moneyScale,
  parseMoney,
  priceOf,
  roundToMinorUnits,
  toMinorUnits,
} from './money.ts';
import { divideHalfUp } from './rounding.ts';

test('amounts are kept at the scale of ISO 4217 plus three', () => {
  assert.deepEqual(['JPY', 'EUR', 'KWD', 'CLF'].map(moneyScale), [3, 5, 6, 7]);
  assert.equal(currencyExponent('USD'), 2);
  assert.throws(() => currencyExponent('yen'), /not an ISO 4217/);
});

test('a half is rounded up, and away from zero below it', () => {
  const halves: [bigint, bigint, bigint][] = [
    [5n, 10n, 1n],
    [4n, 10n, 0n],
    [15n, 10n, 2n],
    [-5n, 10n, -1n],
    [-4n, 10n, 0n],
    [0n, 3n, 0n],
    [1n, 3n, 0n],
    [2n, 3n, 1n],
  ];
  for (const [numerator, denominator, expected] of halves) {
    assert.equal(divideHalfUp(numerator, denominator), expected, `${numerator}/${denominator}`);
  }
  assert.throws(() => divideHalfUp(1n, 0n), RangeError);
});

test('rounding is never off by more than half a step, and a credit note mirrors its invoice', () => {
  fc.assert(
    fc.property(fc.bigInt(-(10n ** 20n), 10n ** 20n), fc.bigInt(1n, 10n ** 10n), (numerator, denominator) => {
      const rounded = divideHalfUp(numerator, denominator);
      const off = 2n * (rounded * denominator - numerator);
      return off <= denominator && off >= -denominator && divideHalfUp(-numerator, denominator) === -rounded;
    }),
  );
});

test('money is shown with the decimals of its currency', () => {
  assert.equal(formatMoney(1_234_500n, 'JPY'), '1235');
  assert.equal(formatMoney(1_234_500n, 'EUR'), '12.35');
  assert.equal(formatMoney(-1_234_500n, 'EUR'), '-12.35');
  assert.equal(formatMoney(5n, 'KWD'), '0.000');
  assert.equal(formatMoneyExactly(1n, 'JPY'), '0.001');
  assert.equal(formatMoney(-400n, 'JPY'), '0');
});

test('decimal text survives reading and writing', () => {
  fc.assert(
    fc.property(
      fc.bigInt(-(2n ** 59n), 2n ** 59n),
      fc.constantFrom('JPY', 'EUR', 'KWD', 'CLF'),
      (amount, currency) => parseMoney(formatMoneyExactly(amount, currency), currency) === amount,
    ),
  );
  for (const text of ['', '1e3', '1,000', '0.0001', ' 1', '+1', '.5', '1.']) {
    assert.throws(() => parseMoney(text, 'JPY'), /not a decimal number/, text);
  }
});

test('whole coins survive the way into the books and out', () => {
  assert.equal(toMinorUnits(fromMinorUnits(-42n)), -42n);
  assert.equal(roundToMinorUnits(1_500n), 2_000n);
});

test('a price is exact to a thousandth of the smallest coin', () => {
  assert.equal(priceOf(1_500_000_000n, { price: 333n, per: 1_000_000_000n }), 500n);
  assert.equal(priceOf(0n, { price: 333n, per: 1_000_000_000n }), 0n);
});
