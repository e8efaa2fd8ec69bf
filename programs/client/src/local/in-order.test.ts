import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InOrder, type OrderBounds } from './in-order.ts';

const wide: OrderBounds = { window: 10, bytesMax: 1000, parallel: 2 };
const bytes = (text: string) => Buffer.from(text);
const textsOf = (outputs: Iterable<Uint8Array>) => [...outputs].map(String);

test('what ends in any order comes out in order', async () => {
  const order = new InOrder(wide);
  for (const index of [0, 1]) await order.turn(index, 1);
  assert.deepEqual(textsOf(order.take(1, bytes('b'))), []);
  await order.turn(2, 1);
  assert.deepEqual(textsOf(order.take(2, bytes('c'))), []);
  assert.deepEqual(textsOf(order.take(0, bytes('a'))), ['a', 'b', 'c']);
  assert.equal(order.endedBytes, 0);
});

test('nobody runs further ahead than the window', async () => {
  const order = new InOrder({ ...wide, window: 2 });
  await order.turn(0, 1);
  await order.turn(1, 1);
  assert.deepEqual(textsOf(order.take(1, bytes('b'))), []);
  let came = false;
  const third = order.turn(2, 1).then(() => {
    came = true;
  });
  await Promise.resolve();
  assert.equal(came, false);
  assert.deepEqual(textsOf(order.take(0, bytes('a'))), ['a', 'b']);
  await third;
  assert.equal(came, true);
});

test('an output of nothing is one too', async () => {
  const order = new InOrder(wide);
  await order.turn(0, 0);
  assert.deepEqual(textsOf(order.take(0, bytes(''))), ['']);
});

/** Units at two workers, the first of them endless for so long as another can go on; gives the most that was held and all outputs. */
async function computeBehindSlow(units: number, outputBytes: number, inputBytes: number) {
  const order = new InOrder({ window: 2048, bytesMax: 1000, parallel: 2 });
  const begun: number[] = [];
  let isAllBegun = false;
  const begin = (async () => {
    for (let index = 0; index < units; index++) {
      await order.turn(index, inputBytes);
      begun.push(index);
    }
    isAllBegun = true;
  })();
  let heldMax = 0;
  let begunMax = 0;
  let given = 0;
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  for (let ended = 0; ended < units; ended++) {
    await settle();
    begunMax = Math.max(begunMax, begun.length);
    // Any but the first, which ends when nothing else can.
    const [index] = begun.splice(begun.length > 1 ? 1 : 0, 1);
    assert.ok(index !== undefined, 'nobody may begin, and nobody is at work');
    for (const output of order.take(index, new Uint8Array(outputBytes))) given += output.length;
    heldMax = Math.max(heldMax, order.endedBytes);
  }
  await begin;
  assert.ok(isAllBegun);
  return { heldMax, begunMax, given };
}

test('behind a slow unit no more bytes pile up than may', async () => {
  const large = await computeBehindSlow(50, 300, 1);
  assert.equal(large.given, 50 * 300);
  assert.ok(large.heldMax <= 1000 + 2 * 300, `${large.heldMax}`);
  const single = await computeBehindSlow(50, 5000, 1);
  assert.equal(single.given, 50 * 5000);
  assert.ok(single.heldMax <= 5000 + 2 * 5000, `${single.heldMax}`);
  // Inputs that wait for a worker are held too.
  const inputs = await computeBehindSlow(50, 1, 400);
  assert.equal(inputs.begunMax, 2);
});

test('small units run far ahead', async () => {
  const { heldMax, begunMax } = await computeBehindSlow(400, 1, 1);
  assert.ok(heldMax >= 390 && begunMax > 300, `${heldMax} ${begunMax}`);
});
