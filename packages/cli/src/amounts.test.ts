import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fuelText, moneyText, pointsText } from './amounts.ts';

test('money is shown exactly, with the currency’s own digits at least', () => {
  assert.equal(moneyText({ currency: 'JPY', amountMilli: '1234500' }), '1,234.5 JPY');
  assert.equal(moneyText({ currency: 'JPY', amountMilli: '-1000' }), '-1 JPY');
  assert.equal(moneyText({ currency: 'EUR', amountMilli: '100000' }), '1.00 EUR');
  assert.equal(moneyText({ currency: 'EUR', amountMilli: '12345' }), '0.12345 EUR');
  assert.equal(pointsText('1500'), '1.5');
  assert.equal(pointsText('0'), '0');
});

test('fuel is shown with three digits', () => {
  assert.deepEqual([12, 23_400_000_000n, '1500000'].map(fuelText), ['12', '23.4 G', '1.50 M']);
});
