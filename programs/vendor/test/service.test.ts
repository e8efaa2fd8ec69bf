import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { createLicenseKey } from '@taika/crypto/license-key';
import { type Caller, RemoteError } from '@taika/http/call';
import type { OrderId } from '@taika/protocol/schema';
import { forgetMember } from '@taika/protocol/vendor/licenses';
import {
  cancelOrder,
  closeUsagePeriod,
  confirmOrder,
  declineOrder,
  listMemberOrders,
  listVendorClaims,
  type OrderText,
  openServiceSession,
  placeOrder,
  readOrder,
  readSessionPoints,
  readVendorBooks,
  recordUsage,
  setUsagePrice,
} from '@taika/protocol/vendor/services';
import { uuidv7 } from '@taika/runtime/identifiers';
import { systemRandom } from '@taika/runtime/random';
import { ordersStep } from '../src/orders/settle-orders.ts';
import { createTerminal, type Fixture, startFixture, type TestTerminal } from './fixture.ts';

let fixture: Fixture;
let shop: Caller;
let lookup: Caller;
before(async () => {
  fixture = await startFixture();
  shop = await fixture.addService('shop');
  lookup = await fixture.addService('lookup');
  await fixture.operator.call(setUsagePrice, {
    params: { product: 'lookup' },
    body: { price: { currency: 'JPY', amountMilli: '3000' }, description: 'one search' },
  });
});
after(() => fixture[Symbol.asyncDispose]());
beforeEach(() => {
  fixture.dispatch.failures.splice(0);
  fixture.dispatch.points = 500_000n;
});

const refusedWith = (code: string) => (error: unknown) => error instanceof RemoteError && error.code === code;
const newId = () => uuidv7(fixture.clock.now(), systemRandom) as OrderId;
const tea = { description: 'green tea', quantity: 2, unitPrice: { currency: 'JPY', amountMilli: '600000' } };

async function signedIn(service: Caller, product: string) {
  const terminal = await createTerminal(fixture);
  const { registrationId, licenseKey = '' } = await terminal.register(product);
  await terminal.acknowledge(registrationId);
  const { session, memberName } = await service.call(openServiceSession, { body: { licenseKey } });
  return { terminal, session, memberName, registrationId, licenseKey };
}

const confirm = async (terminal: TestTerminal, order: OrderText, change: object = {}) =>
  terminal.caller.call(confirmOrder, {
    params: { orderId: order.orderId },
    body: {
      confirmation: await terminal.confirmation({
        order: order.orderId,
        pointsMilli: order.pointsMilli,
        priceMilli: order.price.amountMilli,
        currency: order.price.currency,
        ...change,
      }),
    },
  });

const buy = (session: string, points: string, orderId = newId()) =>
  shop.call(placeOrder, { params: { orderId }, body: { session, lines: [tea], points } });

async function assertBooksAreSound() {
  const { defects } = await fixture.operator.call(readVendorBooks);
  assert.deepEqual(defects, []);
}

test('steps 601 to 604: the license key shown on screen signs a member in, typed as people type', async () => {
  const { memberName, licenseKey, session } = await signedIn(shop, 'shop');
  assert.equal(memberName, 'Hanako');
  const typed = licenseKey.toLowerCase().replaceAll('-', ' ');
  assert.equal((await shop.call(openServiceSession, { body: { licenseKey: typed } })).product, 'shop');
  assert.deepEqual(await shop.call(readSessionPoints, { query: { session } }), {
    availableMilli: '500000',
    heldMilli: '0',
  });
});

test('a key of another product, a key of nobody and a session of another service open nothing', async () => {
  const { session, licenseKey } = await signedIn(lookup, 'lookup');
  await assert.rejects(shop.call(openServiceSession, { body: { licenseKey } }), refusedWith('bad-key'));
  await assert.rejects(
    shop.call(openServiceSession, { body: { licenseKey: createLicenseKey(systemRandom) } }),
    refusedWith('bad-key'),
  );
  await assert.rejects(shop.call(readSessionPoints, { query: { session } }), refusedWith('not-found'));
  await assert.rejects(buy(session, 'all'), refusedWith('not-found'));
  await assert.rejects(
    shop.call(readSessionPoints, { query: { session: 'made up' } }),
    refusedWith('session-expired'),
  );
});

test('steps 801 to 804: points are held, the member confirms, and the contractor owes exactly what was taken off', async () => {
  const { terminal, session } = await signedIn(shop, 'shop');
  const order = await buy(session, 'all');
  assert.equal(order.state, 'awaiting-confirmation');
  assert.equal(order.price.amountMilli, '1200000');
  assert.equal(order.discount.amountMilli, '500000');
  assert.equal(order.charge.amountMilli, '700000');
  const { items } = await terminal.caller.call(listMemberOrders);
  assert.deepEqual(
    items.map(({ orderId }) => orderId),
    [order.orderId],
  );
  const completed = await confirm(terminal, order);
  assert.equal(completed.state, 'completed');
  assert.equal((await confirm(terminal, order)).state, 'completed');
  assert.deepEqual(
    await shop.call(readOrder, { params: { orderId: order.orderId }, query: { session } }),
    completed,
  );

  const claims = await fixture.operator.call(listVendorClaims);
  const claim = claims.items.find(({ subject }) => subject === `order ${order.orderId}`);
  assert.deepEqual([claim?.kind, claim?.state, claim?.amount.amountMilli], ['discount', 'accrued', '500000']);
  await assertBooksAreSound();
});

test('an order without points completes at once, and the member is charged its price', async () => {
  const { session } = await signedIn(shop, 'shop');
  const order = await buy(session, '0');
  assert.equal(order.state, 'completed');
  assert.equal(order.charge.amountMilli, order.price.amountMilli);
  fixture.dispatch.points = 0n;
  assert.equal((await buy(session, 'all')).state, 'completed');
  await assertBooksAreSound();
});

test('a repeated order is the same order, another content under its id a conflict', async () => {
  const { session } = await signedIn(shop, 'shop');
  const first = await buy(session, '100000');
  assert.deepEqual(await buy(session, '100000', first.orderId), first);
  await assert.rejects(buy(session, '200000', first.orderId), refusedWith('idempotency-conflict'));
  const many = await Promise.all(
    Array.from({ length: 5 }, () => buy(session, '50000', first.orderId).catch((e) => e)),
  );
  assert.ok(many.every((error) => error.code === 'idempotency-conflict'));
});

test('more points than there are, or than the price comes to, are refused before anything is stored', async () => {
  const { session } = await signedIn(shop, 'shop');
  fixture.dispatch.points = 5_000_000n;
  await assert.rejects(buy(session, '1200001'), refusedWith('bad-request'));
  await assert.rejects(buy(session, '1300000'), refusedWith('bad-request'));
  fixture.dispatch.points = 100_000n;
  await assert.rejects(buy(session, '200000'), refusedWith('points-short'));
});

test('a confirmation must be over exactly this order, amount and shop, by the terminal that sends it', async () => {
  const { terminal, session } = await signedIn(shop, 'shop');
  const order = await buy(session, 'all');
  const changes = [
    { order: newId() },
    { pointsMilli: '1000' },
    { priceMilli: '1000' },
    { currency: 'USD' },
    { aud: newId() },
    { exp: 1_700_000_000 },
    { sub: 'somebody' },
  ];
  for (const change of changes) {
    await assert.rejects(
      confirm(terminal, order, change),
      refusedWith('confirmation-refused'),
      JSON.stringify(change),
    );
  }
  const other = await createTerminal(fixture);
  await other.register('shop');
  await assert.rejects(confirm(other, order), refusedWith('not-found'));
  assert.equal((await confirm(terminal, order)).state, 'completed');
});

test('declined, cancelled and overdue orders give held points back', async () => {
  const { terminal, session } = await signedIn(shop, 'shop');
  const ends: [string, (order: OrderText) => Promise<unknown>][] = [
    ['refused', ({ orderId }) => terminal.caller.call(declineOrder, { params: { orderId } })],
    ['cancelled', ({ orderId }) => shop.call(cancelOrder, { params: { orderId } })],
    [
      'expired',
      async () => {
        fixture.clock.forward(31 * 60_000);
        await ordersStep(fixture.vendor.context);
        await ordersStep(fixture.vendor.context);
      },
    ],
  ];
  for (const [state, end] of ends) {
    const order = await buy(session, 'all');
    assert.equal(order.pointsMilli, '500000');
    await end(order);
    assert.equal(
      (await shop.call(readOrder, { params: { orderId: order.orderId }, query: { session } })).state,
      state,
    );
    const points = await shop.call(readSessionPoints, { query: { session } });
    assert.deepEqual([points.availableMilli, points.heldMilli], ['500000', '0'], state);
    await assert.rejects(confirm(terminal, order), refusedWith('wrong-state'));
  }
  await assertBooksAreSound();
});

test('what was not given back because the dispatch server was away is given back later', async () => {
  const { terminal, session } = await signedIn(shop, 'shop');
  const order = await buy(session, 'all');
  fixture.dispatch.failures.push(
    { route: 'releasePoints', code: 'unavailable', when: 'before' },
    { route: 'releasePoints', code: 'unavailable', when: 'before' },
  );
  assert.equal(
    (await terminal.caller.call(declineOrder, { params: { orderId: order.orderId } })).state,
    'refused',
  );
  assert.equal((await shop.call(readSessionPoints, { query: { session } })).availableMilli, '0');
  fixture.clock.forward(10_000);
  await ordersStep(fixture.vendor.context);
  assert.equal((await shop.call(readSessionPoints, { query: { session } })).availableMilli, '500000');
});

test('an order survives lost answers of hold and capture, each done once', async () => {
  const { terminal, session } = await signedIn(shop, 'shop');
  const lose = (route: string) =>
    fixture.dispatch.failures.push(
      { route, code: 'unavailable', when: 'after' },
      { route, code: 'unavailable', when: 'after' },
    );
  lose('holdPoints');
  const order = await buy(session, 'all');
  assert.equal(order.state, 'priced');
  assert.equal(order.reason?.code, 'unavailable');
  fixture.clock.forward(10_000);
  await ordersStep(fixture.vendor.context);
  lose('capturePoints');
  const waiting = await confirm(terminal, order);
  assert.equal(waiting.state, 'awaiting-confirmation');
  await assert.rejects(
    shop.call(cancelOrder, { params: { orderId: order.orderId } }),
    refusedWith('wrong-state'),
  );
  fixture.clock.forward(10_000);
  await ordersStep(fixture.vendor.context);
  assert.equal(
    (await shop.call(readOrder, { params: { orderId: order.orderId }, query: { session } })).state,
    'completed',
  );
  await assertBooksAreSound();
});

test('a capture that the dispatch server refuses ends the order with its reason', async () => {
  const { terminal, session } = await signedIn(shop, 'shop');
  const order = await buy(session, 'all');
  fixture.dispatch.failures.push({ route: 'capturePoints', code: 'confirmation-refused', when: 'before' });
  const refused = await confirm(terminal, order);
  assert.equal(refused.state, 'refused');
  assert.equal(refused.reason?.code, 'confirmation-refused');
  await ordersStep(fixture.vendor.context);
  assert.equal((await shop.call(readSessionPoints, { query: { session } })).availableMilli, '500000');
});

test('points are spent on orders and prices in the contractor’s currency only, and the sentence says which', async () => {
  const { session } = await signedIn(shop, 'shop');
  const unitPrice = { currency: 'USD', amountMilli: '12000' };
  const lines = [{ description: 'tea', quantity: 1, unitPrice }];
  const order = (points: string) =>
    shop.call(placeOrder, { params: { orderId: newId() }, body: { session, lines, points } });
  for (const points of ['all', '1000']) {
    await assert.rejects(order(points), {
      code: 'bad-request',
      detail: /worth JPY .* in USD\. Order with points "0"/,
    });
  }
  assert.equal((await order('0')).state, 'completed');
  await fixture.addService('abroad');
  await assert.rejects(
    fixture.operator.call(setUsagePrice, {
      params: { product: 'abroad' },
      body: { price: unitPrice, description: 'one search' },
    }),
    { code: 'bad-request', detail: /set the price of one use in JPY, not USD/ },
  );
  await assertBooksAreSound();
});

test('a bill whose price was set in another currency takes no points and is charged in money', async () => {
  const abroad = await fixture.addService('from-abroad');
  await fixture.database.sql`
    insert into usage_price (product, currency, amount_milli, description, changed_at)
    values ('from-abroad', 'USD', 2000, 'one search', now())
  `;
  const { session } = await signedIn(abroad, 'from-abroad');
  const body = { session, quantity: 3, description: 'search' };
  const { period } = await abroad.call(recordUsage, { params: { usageId: newId() }, body });
  const params = { product: 'from-abroad', period };
  const [bill] = (await fixture.operator.call(closeUsagePeriod, { params })).bills;
  assert.deepEqual([bill?.state, bill?.pointsMilli, bill?.charge.amountMilli], ['completed', '0', '6000']);
  await assertBooksAreSound();
});

test('an order that cannot be settled does not keep those behind it waiting', async () => {
  const { terminal, session } = await signedIn(shop, 'shop');
  const fail = (code: 'unavailable') =>
    fixture.dispatch.failures.push(
      { route: 'holdPoints', code, when: 'before' },
      { route: 'holdPoints', code, when: 'before' },
    );
  fail('unavailable');
  const foreign = await buy(session, '1000');
  fail('unavailable');
  const broken = await buy(session, '1000');
  fail('unavailable');
  const good = await buy(session, '1000');
  // As servers before this one stored orders; and a capture of other points than were asked for, which is nobody's answer.
  const { sql } = fixture.database;
  await sql`update service_order set currency = 'USD' where id = ${foreign.orderId}`;
  const [{ holdId = '' } = {}] = await sql<{ holdId: string }[]>`
    update service_order set state = 'confirmed', confirmation = ${await terminal.confirmation({})}, confirmed_at = now() where id = ${broken.orderId} returning hold_id
  `;
  fixture.dispatch.holds.set(holdId, { state: 'held', points: 5n, pseudonym: 'nobody' });
  fixture.clock.forward(10_000);
  await ordersStep(fixture.vendor.context);
  const state = async (orderId: OrderId) => {
    const order = await shop.call(readOrder, { params: { orderId }, query: { session } });
    return [order.state, order.reason?.code];
  };
  assert.deepEqual(await state(good.orderId), ['awaiting-confirmation', undefined]);
  assert.deepEqual(await state(foreign.orderId), ['refused', 'other-worth']);
  assert.deepEqual(await state(broken.orderId), ['awaiting-confirmation', 'internal']);
});

test('use is counted once, priced when it happens, and billed once a period with points taken off', async () => {
  const { terminal, session } = await signedIn(lookup, 'lookup');
  const use = (usageId: string, quantity = 1) =>
    lookup.call(recordUsage, { params: { usageId }, body: { session, quantity, description: 'search' } });
  const period = fixture.clock.now().toISOString().slice(0, 7);
  const prefix = newId();
  assert.equal((await use(`${prefix}-1`)).feeSoFar.amountMilli, '3000');
  assert.equal((await use(`${prefix}-1`)).feeSoFar.amountMilli, '3000');
  await assert.rejects(use(`${prefix}-1`, 2), refusedWith('idempotency-conflict'));
  assert.deepEqual(await use(`${prefix}-2`, 9), {
    period,
    quantity: 10,
    feeSoFar: { currency: 'JPY', amountMilli: '30000' },
  });

  fixture.dispatch.points = 12_500n;
  const close = () => fixture.operator.call(closeUsagePeriod, { params: { product: 'lookup', period } });
  const { bills } = await close();
  assert.deepEqual(await close(), { bills });
  const bill = bills.find(({ price }) => price.amountMilli === '30000');
  assert.ok(bill);
  // 12.5 points are there; only 12 make whole yen.
  assert.deepEqual(
    [bill.kind, bill.period, bill.state, bill.discount.amountMilli, bill.charge.amountMilli],
    ['usage', period, 'awaiting-confirmation', '12000', '18000'],
  );
  // What comes after the closing counts in the next period.
  assert.notEqual((await use(`${prefix}-3`)).period, period);
  await assert.rejects(
    lookup.call(cancelOrder, { params: { orderId: bill.orderId } }),
    refusedWith('wrong-state'),
  );
  assert.equal((await confirm(terminal, bill)).state, 'completed');
  assert.deepEqual((await close()).bills.length, bills.length);
  await assertBooksAreSound();
});

test('a usage bill that is declined, or not confirmed in time, is charged in money and the points go back', async () => {
  const [one, two] = [await signedIn(lookup, 'lookup'), await signedIn(lookup, 'lookup')];
  let period = '';
  for (const { session } of [one, two]) {
    const body = { session, quantity: 7, description: 'search' };
    period = (await lookup.call(recordUsage, { params: { usageId: newId() }, body })).period;
  }
  // The period is a later month by now: an earlier test closed the present one.
  fixture.clock.forward(Date.parse(`${period}-15T00:00:00Z`) - fixture.clock.now().getTime());
  const { bills } = await fixture.operator.call(closeUsagePeriod, { params: { product: 'lookup', period } });
  const ours = bills.filter(({ state }) => state === 'awaiting-confirmation');
  assert.equal(ours.length >= 2, true);
  const list = await one.terminal.caller.call(listMemberOrders);
  const mine = list.items[0];
  assert.ok(mine);
  const declined = await one.terminal.caller.call(declineOrder, { params: { orderId: mine.orderId } });
  assert.deepEqual(
    [declined.state, declined.pointsMilli, declined.charge.amountMilli],
    ['completed', '0', '21000'],
  );
  fixture.clock.forward(15 * 86_400_000);
  await ordersStep(fixture.vendor.context);
  await ordersStep(fixture.vendor.context);
  const theirs = (await two.terminal.caller.call(listMemberOrders)).items[0];
  assert.deepEqual(
    [theirs?.state, theirs?.pointsMilli, theirs?.charge.amountMilli, theirs?.reason?.code],
    ['completed', '0', '21000', 'not-confirmed'],
  );
  await assertBooksAreSound();
});

test('a bill whose points were spent elsewhere meanwhile is charged in money and says so', async () => {
  const { terminal, session } = await signedIn(lookup, 'lookup');
  const body = { session, quantity: 5, description: 'search' };
  const { period } = await lookup.call(recordUsage, { params: { usageId: newId() }, body });
  fixture.clock.forward(Math.max(0, Date.parse(`${period}-15T00:00:00Z`) - fixture.clock.now().getTime()));
  await fixture.operator.call(closeUsagePeriod, { params: { product: 'lookup', period } });
  const bill = (await terminal.caller.call(listMemberOrders)).items[0];
  assert.ok(bill);
  assert.deepEqual([bill.state, bill.charge.amountMilli], ['awaiting-confirmation', '0']);
  fixture.dispatch.points = 0n;
  const charged = await confirm(terminal, bill);
  assert.deepEqual(
    [charged.state, charged.pointsMilli, charged.charge.amountMilli, charged.reason?.code],
    ['completed', '0', '15000', 'points-short'],
  );
  await assertBooksAreSound();
});

test('guessing keys is limited for each service', async () => {
  const service = await fixture.addService('guessed');
  const codes: string[] = [];
  for (let index = 0; index < 25; index++) {
    const body = { licenseKey: createLicenseKey(systemRandom) };
    codes.push(
      await service.call(openServiceSession, { body }).then(
        () => 'opened',
        (error) => error.code,
      ),
    );
  }
  assert.equal(codes.at(0), 'bad-key');
  assert.equal(codes.at(-1), 'rate-limited');
});

test('who ended the registration is signed out', async () => {
  const { terminal, session, registrationId } = await signedIn(shop, 'shop');
  await terminal.caller.call(forgetMember, { params: { registrationId } });
  await assert.rejects(shop.call(readSessionPoints, { query: { session } }), refusedWith('session-expired'));
});
