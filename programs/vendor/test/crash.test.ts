/** The vendor server is killed between any two steps of its sagas, started again, and goes on where it stopped. */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { keyPairOf, parsePrivateKey } from '@taika/crypto/keys';
import { createTestDatabase } from '@taika/database/test-database';
import { createCaller, RemoteError } from '@taika/http/call';
import type { OrderId, RefundId, RegistrationId } from '@taika/protocol/schema';
import { putProduct } from '@taika/protocol/vendor/catalogue';
import { activate } from '@taika/protocol/vendor/licenses';
import {
  addServiceKey,
  confirmOrder,
  listMemberOrders,
  listVendorClaims,
  openServiceSession,
  placeOrder,
  readOrder,
  readVendorBooks,
  refundOrder,
} from '@taika/protocol/vendor/services';
import { systemClock } from '@taika/runtime/clock';
import { uuidv7 } from '@taika/runtime/identifiers';
import { systemRandom } from '@taika/runtime/random';
import { waitFor } from '@taika/testing/wait-for';
import { allMigrations } from '../src/migrations.ts';
import { createTerminal, createTestClock } from './fixture.ts';
import { type StandInDispatch, startStandInDispatch } from './stand-in-dispatch.ts';
import { type ServerProcess, startServer } from './vendor-process.ts';

interface World extends AsyncDisposable {
  readonly dispatch: StandInDispatch;
  readonly vendorId: string;
  /** Starts the vendor server; with a fault point it kills itself there. */
  start(fault?: string): Promise<ServerProcess>;
}

async function createWorld(): Promise<World> {
  await using stack = new AsyncDisposableStack();
  const directory = await mkdtemp(join(tmpdir(), 'taika vendor crash '));
  stack.defer(() => rm(directory, { recursive: true, force: true }));
  const database = stack.use(await createTestDatabase({ migrations: allMigrations }));
  const dispatch = stack.use(await startStandInDispatch(systemClock));
  const start = (fault?: string) =>
    startServer(
      'vendor',
      { data: directory, 'database-url': database.url, 'dispatch-url': dispatch.url },
      fault === undefined ? {} : { TAIKA_FAULT: fault },
    );
  const first = stack.use(await start());
  const identity = JSON.parse(await readFile(join(directory, 'vendor.identity.json'), 'utf8'));
  const { kty, crv, x } = keyPairOf(parsePrivateKey(identity.privateKey)).publicKey;
  dispatch.knowVendor(identity.vendorId, { kty, crv, x });
  const operator = await operatorOf(first);
  for (const [product, kind] of [
    ['editor', 'application'],
    ['shop', 'service'],
  ] as const) {
    const cashPrice = { price: { currency: 'JPY', amountMilli: '1000' }, per: 'month' as const };
    const policy = { windowDays: 30, pointsMilliMin: '0', devicesMax: 1 };
    await operator.call(putProduct, {
      params: { product },
      body: { kind, title: product, description: '', cashPrice, policy },
    });
  }
  await first.stop();
  const running = stack.move();
  return {
    dispatch,
    vendorId: identity.vendorId,
    start: async (fault) => running.use(await start(fault)),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

async function operatorOf(server: ServerProcess) {
  const key = await server.operatorKey();
  return callerOf(server.url, key);
}

function callerOf(baseUrl: string, key: string) {
  const authorize = () => ({ authorization: `Bearer ${key}` });
  return createCaller({ baseUrl, authorize, clock: systemClock, random: systemRandom, attemptsMax: 1 });
}

/** The same terminal at whichever process runs now. */
async function terminalAt(
  world: World,
  server: ServerProcess,
  like?: Awaited<ReturnType<typeof createTerminal>>,
) {
  const vendor = { url: server.url, identity: { vendorId: world.vendorId } };
  return createTerminal({ vendor, clock: createTestClock() }, like?.key);
}

const diesAt = async (server: ServerProcess, call: Promise<unknown>) => {
  await assert.rejects(call, (error) => error instanceof RemoteError && error.code === 'unreachable');
  assert.deepEqual(await server.ended, { code: null, signal: 'SIGKILL' });
};

test('a registration goes on after a kill at any of its steps, with one license and a key that opens it', async () => {
  await using world = await createWorld();
  for (const fault of ['requested', 'confirmed', 'registered', 'issued']) {
    const registrationId = uuidv7(new Date(), systemRandom) as RegistrationId;
    const dying = await world.start(`vendor.registration.${fault}`);
    const before = await terminalAt(world, dying);
    await diesAt(dying, before.register('editor', { registrationId }));

    const server = await world.start();
    const terminal = await terminalAt(world, server, before);
    const again = await terminal.register('editor', { registrationId });
    assert.equal(again.state, 'issued', fault);
    assert.equal(world.dispatch.registrations.has(registrationId), true);
    const opened = await terminal.caller.call(activate, { body: { licenseKey: again.licenseKey ?? '' } });
    assert.deepEqual([opened.licenseId, opened.devices], [again.licenseId, 1]);
    assert.equal((await terminal.acknowledge(registrationId)).state, 'acknowledged');
    await server.stop();
  }
  const server = await world.start();
  const operator = await operatorOf(server);
  // Step 211 follows by itself, once for each.
  await waitFor('four claims', async () => {
    const { items } = await operator.call(listVendorClaims);
    return items.filter(({ state }) => state === 'accrued').length === 4;
  });
  assert.equal(world.dispatch.claims.size, 4);
  assert.deepEqual((await operator.call(readVendorBooks)).defects, []);
});

test('an order goes on after a kill at any of its steps: points are taken once, and claimed once', async () => {
  await using world = await createWorld();
  world.dispatch.points = 1_000_000n;
  const first = await world.start();
  const member = await terminalAt(world, first);
  const { registrationId, licenseKey = '' } = await member.register('shop');
  await member.acknowledge(registrationId);
  const { key } = await (await operatorOf(first)).call(addServiceKey, { params: { product: 'shop' } });
  const { session } = await callerOf(first.url, key).call(openServiceSession, { body: { licenseKey } });
  await first.stop();
  const lines = [{ description: 'tea', quantity: 1, unitPrice: { currency: 'JPY', amountMilli: '100000' } }];
  const body = { session, lines, points: '60000' };

  for (const fault of ['priced', 'held', 'confirmed', 'captured']) {
    const orderId = uuidv7(new Date(), systemRandom) as OrderId;
    const params = { orderId };
    const dying = await world.start(`vendor.order.${fault}`);
    const placing = callerOf(dying.url, key).call(placeOrder, { params, body });
    if (fault === 'priced' || fault === 'held') {
      await diesAt(dying, placing);
    } else {
      await placing;
      const terminal = await terminalAt(world, dying, member);
      const confirmation = await terminal.confirmation(claimsOf(orderId));
      await diesAt(dying, terminal.caller.call(confirmOrder, { params, body: { confirmation } }));
    }

    const server = await world.start();
    const shop = callerOf(server.url, key);
    const terminal = await terminalAt(world, server, member);
    await waitFor(`the order that was killed at "${fault}"`, async () => {
      const { state } = await shop.call(readOrder, { params, query: { session } });
      return state === 'awaiting-confirmation' || state === 'completed';
    });
    assert.equal((await shop.call(placeOrder, { params, body })).orderId, orderId);
    const confirmation = await terminal.confirmation(claimsOf(orderId));
    const completed = await terminal.caller.call(confirmOrder, { params, body: { confirmation } });
    assert.equal(completed.state, 'completed', fault);
    assert.equal(completed.charge.amountMilli, '40000');
    await server.stop();
  }
  assert.deepEqual(
    [...world.dispatch.holds.values()].map(({ state, points }) => `${state} ${points}`),
    Array(4).fill('captured 60000'),
  );
  const server = await world.start();
  const operator = await operatorOf(server);
  assert.equal((await operator.call(listVendorClaims)).items.length, 4);
  assert.deepEqual((await operator.call(readVendorBooks)).defects, []);
  const terminal = await terminalAt(world, server, member);
  assert.equal((await terminal.caller.call(listMemberOrders)).items.length, 4);
});

const claimsOf = (order: string) => ({ order, pointsMilli: '60000', priceMilli: '100000', currency: 'JPY' });

test('a refund goes on after a kill at any of its steps: points go back once, and are booked once', async () => {
  await using world = await createWorld();
  world.dispatch.points = 1_000_000n;
  const first = await world.start();
  const member = await terminalAt(world, first);
  const { registrationId, licenseKey = '' } = await member.register('shop');
  await member.acknowledge(registrationId);
  const { key } = await (await operatorOf(first)).call(addServiceKey, { params: { product: 'shop' } });
  const shop = callerOf(first.url, key);
  const { session } = await shop.call(openServiceSession, { body: { licenseKey } });
  const orderId = uuidv7(new Date(), systemRandom) as OrderId;
  const lines = [{ description: 'tea', quantity: 1, unitPrice: { currency: 'JPY', amountMilli: '100000' } }];
  await shop.call(placeOrder, { params: { orderId }, body: { session, lines, points: '60000' } });
  const confirmation = await member.confirmation(claimsOf(orderId));
  await member.caller.call(confirmOrder, { params: { orderId }, body: { confirmation } });
  await first.stop();

  const body = { amount: { currency: 'JPY', amountMilli: '30000' } };
  for (const fault of ['stored', 'answered']) {
    const params = { orderId, refundId: uuidv7(new Date(), systemRandom) as RefundId };
    const dying = await world.start(`vendor.refund.${fault}`);
    await diesAt(dying, callerOf(dying.url, key).call(refundOrder, { params, body }));
    const server = await world.start();
    await waitFor(`the refund that was killed at "${fault}"`, async () => {
      const { state } = await callerOf(server.url, key).call(refundOrder, { params, body });
      return state === 'done';
    });
    await server.stop();
  }
  assert.deepEqual(
    [...world.dispatch.refunds.values()].map(({ points }) => points),
    [18_000n, 18_000n],
  );
  const { defects } = await (await operatorOf(await world.start())).call(readVendorBooks);
  assert.deepEqual(defects, []);
});

test('a claim whose answer was lost in a kill is claimed again as the same claim, and booked once', async () => {
  await using world = await createWorld();
  const dying = await world.start('vendor.claim.answered');
  const terminal = await terminalAt(world, dying);
  const { registrationId } = await terminal.register('editor');
  await terminal.acknowledge(registrationId);
  assert.deepEqual(await dying.ended, { code: null, signal: 'SIGKILL' });
  const server = await world.start();
  const operator = await operatorOf(server);
  await waitFor(
    'the claim',
    async () => (await operator.call(listVendorClaims)).items[0]?.state === 'accrued',
  );
  assert.equal(world.dispatch.claims.size, 1);
  const { accounts, defects } = await operator.call(readVendorBooks);
  assert.deepEqual(defects, []);
  assert.equal(accounts.find(({ account }) => account === 'receivable:contractor')?.debit, '120000');
});

test('a stop by signal is graceful: exit code 0', async () => {
  await using world = await createWorld();
  const server = await world.start();
  await server.stop('SIGTERM');
  assert.deepEqual(await server.ended, { code: 0, signal: null });
});
