/** Something between the two companies answers in the contractor's place, after the contractor did what it was asked. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RemoteError } from '@taika/http/call';
import type { Route } from '@taika/protocol/route';
import type { OrderId, RefundId } from '@taika/protocol/schema';
import {
  confirmOrder,
  listVendorClaims,
  openServiceSession,
  placeOrder,
  readOrder,
  readVendorBooks,
  refundOrder,
} from '@taika/protocol/vendor/services';
import { uuidv7 } from '@taika/runtime/identifiers';
import { systemRandom } from '@taika/runtime/random';
import { createClaimsStep } from '../src/claims/claim-license-fees.ts';
import { ordersStep } from '../src/orders/settle-orders.ts';
import { refundsStep } from '../src/refunds/settle-refund.ts';
import { createTerminal, type Fixture, startFixture } from './fixture.ts';

/** The next answer of a route is lost: the call is done, and what comes back is a gateway's page. */
function loseNextAnswer({ vendor }: Fixture, name: string, status: number): void {
  const { dispatch } = vendor.context;
  const call = dispatch.call.bind(dispatch) as (route: Route, ...input: unknown[]) => Promise<unknown>;
  let isLost = false;
  const losing = async (route: Route, ...input: unknown[]) => {
    const reply = await call(route, ...input);
    if (route.name === name && !isLost) {
      isLost = true;
      throw new RemoteError({ retryable: false }, { status });
    }
    return reply;
  };
  Object.assign(dispatch, { call: losing });
}

const newId = <Id extends string>({ clock }: Fixture) => uuidv7(clock.now(), systemRandom) as Id;

async function confirmedOrder(fixture: Fixture) {
  const shop = await fixture.addService('shop');
  const terminal = await createTerminal(fixture);
  const { registrationId, licenseKey = '' } = await terminal.register('shop');
  await terminal.acknowledge(registrationId);
  const { session } = await shop.call(openServiceSession, { body: { licenseKey } });
  const orderId = newId<OrderId>(fixture);
  const lines = [{ description: 'tea', quantity: 1, unitPrice: { currency: 'JPY', amountMilli: '1000000' } }];
  fixture.dispatch.points = 300_000n;
  await shop.call(placeOrder, { params: { orderId }, body: { session, lines, points: 'all' } });
  const order = { order: orderId, pointsMilli: '300000', priceMilli: '1000000', currency: 'JPY' };
  const confirmation = await terminal.confirmation(order);
  await terminal.caller.call(confirmOrder, { params: { orderId }, body: { confirmation } });
  const read = () => shop.call(readOrder, { params: { orderId }, query: { session } });
  return { orderId, read };
}

const assertBooksAreSound = async ({ operator }: Fixture) =>
  assert.deepEqual((await operator.call(readVendorBooks)).defects, []);

for (const status of [403, 404, 413, 429, 500, 520, 530]) {
  test(`${status} in place of a captured order’s answer loses no points`, async () => {
    await using fixture = await startFixture();
    loseNextAnswer(fixture, 'capturePoints', status);
    const { read } = await confirmedOrder(fixture);
    assert.equal((await read()).state, 'awaiting-confirmation');
    fixture.clock.forward(10_000);
    await ordersStep(fixture.vendor.context);
    assert.deepEqual([(await read()).state, (await read()).pointsMilli], ['completed', '300000']);
    await assertBooksAreSound(fixture);
  });
}

test('520 in place of a refund’s answer gives the points back once', async () => {
  await using fixture = await startFixture();
  const { orderId } = await confirmedOrder(fixture);
  loseNextAnswer(fixture, 'refundPoints', 520);
  const params = { orderId, refundId: newId<RefundId>(fixture) };
  assert.equal((await fixture.operator.call(refundOrder, { params, body: {} })).state, 'pending');
  fixture.clock.forward(10_000);
  await refundsStep(fixture.vendor.context);
  assert.equal((await fixture.operator.call(refundOrder, { params, body: {} })).state, 'done');
  assert.deepEqual(
    [...fixture.dispatch.refunds.values()].map(({ points }) => points),
    [300_000n],
  );
  await assertBooksAreSound(fixture);
});

test('429 in place of a license fee’s answer is asked again', async () => {
  await using fixture = await startFixture();
  await fixture.addProduct('editor');
  const terminal = await createTerminal(fixture);
  await terminal.acknowledge((await terminal.register('editor')).registrationId);
  loseNextAnswer(fixture, 'claimLicenseFee', 429);
  const step = createClaimsStep(fixture.vendor.context);
  await step();
  const state = async () => (await fixture.operator.call(listVendorClaims)).items.map((claim) => claim.state);
  assert.deepEqual(await state(), ['pending']);
  fixture.clock.forward(10_000);
  await step();
  assert.deepEqual(await state(), ['accrued']);
  assert.equal(fixture.dispatch.claims.size, 1);
  await assertBooksAreSound(fixture);
});
