import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Basket, change, contents, quantityMax, toLines, totalMilli } from './basket.ts';
import { findGood, goods } from './goods.ts';

test('a basket adds, takes away, and holds no more than it may', () => {
  const basket: Basket = new Map();
  const tea = findGood('sencha');
  assert.ok(tea);
  change(basket, tea, 2);
  change(basket, tea, 100);
  assert.equal(contents(basket)[0]?.quantity, quantityMax);
  change(basket, tea, -quantityMax);
  assert.deepEqual(contents(basket), []);
});

test('the lines of an order come to the basket’s total', () => {
  const basket: Basket = new Map(goods.map(({ id }, index) => [id, index + 1]));
  const sum = toLines(basket, 'ja').reduce(
    (total, { quantity, unitPrice }) => total + BigInt(quantity) * BigInt(unitPrice.amountMilli),
    0n,
  );
  assert.equal(sum, totalMilli(basket));
});
