import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { type Caller, RemoteError } from '@taika/http/call';
import type { Id, MemberId, OrderId, RefundId } from '@taika/protocol/schema';
import { recordMemberPayment } from '@taika/protocol/vendor/member-payments';
import {
  confirmOrder,
  listMemberOrders,
  listOrders,
  listVendorClaims,
  type OrderText,
  openServiceSession,
  placeOrder,
  readVendorBooks,
  refundOrder,
} from '@taika/protocol/vendor/services';
import { uuidv7 } from '@taika/runtime/identifiers';
import { systemRandom } from '@taika/runtime/random';
import { waitFor } from '@taika/testing/wait-for';
import { refundsStep } from '../src/refunds/settle-refund.ts';
import { createTerminal, type Fixture, startFixture } from './fixture.ts';

let fixture: Fixture;
let shop: Caller;
let other: Caller;
before(async () => {
  fixture = await startFixture();
  shop = await fixture.addService('shop');
  other = await fixture.addService('other');
});
after(() => fixture[Symbol.asyncDispose]());
beforeEach(() => {
  fixture.dispatch.failures.splice(0);
  fixture.dispatch.points = 500_000n;
});

const refusedWith = (code: string) => (error: unknown) => error instanceof RemoteError && error.code === code;
const newId = <Id extends string>() => uuidv7(fixture.clock.now(), systemRandom) as Id;
const jpy = (coins: number) => ({ currency: 'JPY', amountMilli: String(coins * 1000) });

/** A completed order of 1,200 yen, paid by as many points as are said, and its member. */
async function buy(points: string) {
  const terminal = await createTerminal(fixture);
  const { registrationId, licenseKey = '' } = await terminal.register('shop');
  await terminal.acknowledge(registrationId);
  const { session } = await shop.call(openServiceSession, { body: { licenseKey } });
  const orderId = newId<OrderId>();
  const lines = [{ description: 'green tea', quantity: 2, unitPrice: jpy(600) }];
  const placed = await shop.call(placeOrder, { params: { orderId }, body: { session, lines, points } });
  if (placed.state !== 'completed') {
    const { pointsMilli, price } = placed;
    const order = { order: orderId, pointsMilli, priceMilli: price.amountMilli, currency: 'JPY' };
    const confirmation = await terminal.confirmation(order);
    await terminal.caller.call(confirmOrder, { params: { orderId }, body: { confirmation } });
  }
  return { orderId, terminal };
}

const refund = (
  orderId: OrderId,
  coins?: number,
  { refundId = newId<RefundId>(), caller = fixture.operator } = {},
) =>
  caller.call(refundOrder, {
    params: { orderId, refundId },
    body: coins === undefined ? {} : { amount: jpy(coins) },
  });

async function assertBooksAreSound() {
  assert.deepEqual((await fixture.operator.call(readVendorBooks)).defects, []);
}

const balances = async () => {
  const { accounts } = await fixture.operator.call(readVendorBooks);
  const of = (name: RegExp) =>
    accounts
      .filter(({ account }) => name.test(account))
      .reduce((sum, { debit, credit }) => sum + BigInt(debit) - BigInt(credit), 0n);
  return {
    sales: -of(/^revenue:sales/),
    contractor: of(/^receivable:contractor/),
    members: of(/^receivable:member/),
  };
};

test('a refund gives back points and money as the order was paid, in pieces or all that is left', async () => {
  const before = await balances();
  const { orderId, terminal } = await buy('all');
  const first = await refund(orderId, 300);
  assert.deepEqual(
    [first.state, first.pointsMilli, first.discount, first.money],
    ['done', '125000', jpy(125), jpy(175)],
  );
  const rest = await refund(orderId);
  assert.deepEqual([rest.amount, rest.pointsMilli, rest.money], [jpy(900), '375000', jpy(525)]);
  assert.deepEqual(rest.order.refunded, {
    amount: jpy(1200),
    pointsMilli: '500000',
    discount: jpy(500),
    money: jpy(700),
  });
  assert.deepEqual((await terminal.caller.call(listMemberOrders)).items[0]?.refunded, rest.order.refunded);
  await assert.rejects(refund(orderId), refusedWith('wrong-state'));
  assert.deepEqual(await balances(), before, 'The sale is taken back in full.');
  const claims = (await fixture.operator.call(listVendorClaims)).items.filter(
    ({ subject }) => subject === `order ${orderId}`,
  );
  assert.deepEqual(
    claims.map(({ kind, amount }) => [kind, amount.amountMilli]),
    [
      ['refund', '-375000'],
      ['refund', '-125000'],
      ['discount', '500000'],
    ],
  );
  await assertBooksAreSound();
});

test('an order without points is refunded in money, and the contractor is not asked', async () => {
  const { orderId } = await buy('0');
  const calls = fixture.dispatch.calls.length;
  const { state, pointsMilli, money } = await refund(orderId, 500);
  assert.deepEqual([state, pointsMilli, money], ['done', '0', jpy(500)]);
  assert.equal(fixture.dispatch.calls.length, calls);
  await assertBooksAreSound();
});

test('a refund under the same id is the same refund, another content under it a conflict', async () => {
  const { orderId } = await buy('all');
  const refundId = newId<RefundId>();
  const first = await refund(orderId, 300, { refundId });
  assert.deepEqual(await refund(orderId, 300, { refundId }), first);
  await assert.rejects(refund(orderId, 200, { refundId }), refusedWith('idempotency-conflict'));
  await assert.rejects(refund(orderId, undefined, { refundId }), refusedWith('idempotency-conflict'));
  await assertBooksAreSound();
});

test('fractions of a coin, too much, another currency, an order that is not completed or is another’s are refused', async () => {
  const { orderId } = await buy('all');
  await assert.rejects(refund(orderId, 1201), refusedWith('wrong-state'));
  await assert.rejects(refund(orderId, 0), refusedWith('bad-request'));
  for (const amount of [
    { currency: 'JPY', amountMilli: '500' },
    { currency: 'EUR', amountMilli: '1000' },
  ]) {
    const params = { orderId, refundId: newId<RefundId>() };
    await assert.rejects(
      fixture.operator.call(refundOrder, { params, body: { amount } }),
      refusedWith('bad-request'),
    );
  }
  await assert.rejects(refund(orderId, 100, { caller: other }), refusedWith('not-found'));
  await assert.rejects(refund(newId(), 100), refusedWith('not-found'));
  assert.equal((await refund(orderId, 100, { caller: shop })).state, 'done');
  await assertBooksAreSound();
});

test('a contractor that does not answer, or whose answer is lost, is asked again, and points go back once', async () => {
  const { orderId } = await buy('all');
  for (const when of ['before', 'after'] as const) {
    const { points } = fixture.dispatch;
    fixture.dispatch.failures.push(
      { route: 'refundPoints', code: 'unavailable', when },
      { route: 'refundPoints', code: 'unavailable', when },
    );
    const waiting = await refund(orderId, 120);
    assert.equal(waiting.state, 'pending', when);
    assert.ok(waiting.reason);
    await assertBooksAreSound();
    fixture.clock.forward(10_000);
    await refundsStep(fixture.vendor.context);
    const again = await refund(orderId, 120, { refundId: waiting.refundId });
    assert.deepEqual([again.state, again.reason], ['done', undefined]);
    assert.equal(fixture.dispatch.points, points);
  }
  const given = [...fixture.dispatch.refunds.values()].filter((each) => each.orderId === orderId);
  assert.deepEqual(
    given.map(({ points }) => points),
    [50_000n, 50_000n],
  );
  await assertBooksAreSound();
});

test('a contractor whose server is too old for refunds is asked until it is not', async () => {
  const { orderId } = await buy('all');
  fixture.dispatch.failures.push({ route: 'refundPoints', code: 'no-such-route', when: 'before' });
  const waiting = await refund(orderId);
  assert.equal(waiting.state, 'pending');
  fixture.clock.forward(10_000);
  await refundsStep(fixture.vendor.context);
  assert.equal((await refund(orderId, undefined, { refundId: waiting.refundId })).state, 'done');
  await assertBooksAreSound();
});

test('a refund that the contractor refuses changes nothing, says why, and can be asked again', async () => {
  const { orderId } = await buy('all');
  fixture.dispatch.failures.push({ route: 'refundPoints', code: 'not-found', when: 'before' });
  const refused = await refund(orderId, 600);
  assert.equal(refused.state, 'refused');
  assert.ok(refused.reason);
  assert.equal(refused.order.refunded, undefined);
  await assertBooksAreSound();
  assert.equal((await refund(orderId)).order.refunded?.amount.amountMilli, '1200000');
  await assertBooksAreSound();
});

test('points that the contractor takes back in another currency book nothing, and the log says both amounts', async () => {
  const { orderId } = await buy('all');
  const said: string[] = [];
  const { context } = fixture.vendor;
  const log = Object.assign(Object.create(context.log), {
    error: ({ err }: { err: Error }) => said.push(err.message),
  });
  fixture.dispatch.refundCurrency = 'EUR';
  const { refundId, state } = await refund(orderId, 300);
  fixture.clock.forward(10_000);
  await refundsStep({ ...context, log });
  fixture.dispatch.refundCurrency = 'JPY';
  assert.equal(state, 'pending');
  assert.deepEqual(said, [
    `The contractor takes back 125000 thousandths of EUR for the refund ${refundId}, not 125000 of JPY.`,
  ]);
  await assertBooksAreSound();
  fixture.clock.forward(60_000);
  await refundsStep(context);
  assert.equal((await refund(orderId, 300, { refundId })).state, 'done');
  await assertBooksAreSound();
});

test('a refusal waits for its order before it touches the refund, as its completion does', async () => {
  const { orderId } = await buy('all');
  fixture.dispatch.failures.push(
    { route: 'refundPoints', code: 'unavailable', when: 'before' },
    { route: 'refundPoints', code: 'unavailable', when: 'before' },
  );
  const { refundId } = await refund(orderId, 600);
  fixture.clock.forward(10_000);
  fixture.dispatch.failures.push({ route: 'refundPoints', code: 'not-found', when: 'before' });
  const { sql } = fixture.database;
  let step: Promise<unknown> | undefined;
  await sql.begin(async (tx) => {
    await tx`select from service_order where id = ${orderId} for update`;
    step = refundsStep(fixture.vendor.context);
    await waitFor('a refusal that waits', async () => {
      const waiting = await sql`
        select
        from pg_stat_activity
        where datname = current_database()
          and wait_event_type = 'Lock'
      `;
      return waiting.length > 0;
    });
    await tx`select from order_refund where id = ${refundId} for update nowait`;
  });
  await step;
  assert.equal((await refund(orderId, 600, { refundId })).state, 'refused');
  await assertBooksAreSound();
});

test('however refunds of one order race, no more goes back than was paid', async () => {
  const { orderId } = await buy('all');
  const outcomes = await Promise.allSettled(Array.from({ length: 8 }, () => refund(orderId, 350)));
  const done = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
  assert.deepEqual(
    done.map(({ state }) => state),
    ['done', 'done', 'done'],
  );
  const order = (await fixture.operator.call(listOrders)).items.find(
    (each: OrderText) => each.orderId === orderId,
  );
  assert.equal(order?.refunded?.amount.amountMilli, '1050000');
  await assertBooksAreSound();
});

test('what a member pays and is paid back is booked once, and never more than is owed', async () => {
  const before = await balances();
  const { orderId } = await buy('all');
  const [row] = await fixture.vendor.context.sql<{ memberId: MemberId }[]>`
    select member_id
    from service_order
    where id = ${orderId}
  `;
  assert.ok(row);
  const pay = (coins: number, direction: 'received' | 'paid-back', paymentId = newId<Id<'payment'>>()) =>
    fixture.operator.call(recordMemberPayment, {
      params: { paymentId },
      body: { memberId: row.memberId, amount: jpy(coins), direction, reference: 'till 7' },
    });
  await assert.rejects(pay(1, 'paid-back'), refusedWith('wrong-state'));
  await assert.rejects(pay(701, 'received'), refusedWith('wrong-state'));
  const paymentId = newId<Id<'payment'>>();
  const [one, again] = await Promise.all([1, 2].map(() => pay(300, 'received', paymentId)));
  assert.deepEqual([one?.owed, again?.owed], [jpy(400), jpy(400)]);
  assert.deepEqual([one?.bookedBefore, again?.bookedBefore].sort(), [false, true]);
  await assert.rejects(pay(299, 'received', paymentId), refusedWith('idempotency-conflict'));
  const atOnce = await Promise.allSettled([pay(400, 'received'), pay(400, 'received')]);
  assert.deepEqual(atOnce.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
  await refund(orderId);
  assert.deepEqual((await pay(100, 'paid-back')).owed, jpy(-600));
  await assert.rejects(pay(601, 'paid-back'), refusedWith('wrong-state'));
  assert.deepEqual((await pay(600, 'paid-back')).owed, jpy(0));
  assert.deepEqual(await balances(), before);
  await assert.rejects(
    fixture.operator.call(recordMemberPayment, {
      params: { paymentId: newId<Id<'payment'>>() },
      body: { memberId: newId<MemberId>(), amount: jpy(1), direction: 'received', reference: 'till 7' },
    }),
    refusedWith('not-found'),
  );
  await assertBooksAreSound();
});
