import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InOrder } from './in-order.ts';

test('what ends in any order comes out in order', () => {
  const order = new InOrder<string>(10);
  assert.deepEqual([...order.take(2, 'c')], []);
  assert.deepEqual([...order.take(0, 'a')], ['a']);
  assert.deepEqual([...order.take(1, 'b')], ['b', 'c']);
});

test('nobody runs further ahead than the window', async () => {
  const order = new InOrder<string>(2);
  await order.turn(1);
  let came = false;
  const third = order.turn(2).then(() => {
    came = true;
  });
  await Promise.resolve();
  assert.equal(came, false);
  assert.deepEqual([...order.take(0, 'a')], ['a']);
  await third;
  assert.equal(came, true);
});
