/** An order that its member confirmed in time is captured after an outage, or says what became of it; never charged in full money for it. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Caller } from '@taika/http/call';
import { readBooks, readMemberPoints } from '@taika/protocol/dispatch/money';
import type { OrderId, Pseudonym } from '@taika/protocol/schema';
import { putProduct } from '@taika/protocol/vendor/catalogue';
import {
  addServiceKey,
  closeUsagePeriod,
  confirmOrder,
  listMemberOrders,
  openServiceSession,
  placeOrder,
  readVendorBooks,
  recordUsage,
  setUsagePrice,
} from '@taika/protocol/vendor/services';
import { findAllDefects } from '../programs/dispatch/src/books/find-defects.ts';
import { expireHoldsStep } from '../programs/dispatch/src/rewards/release-points.ts';
import { bearer, enrolCustomer, newId } from '../programs/dispatch/test/support/parties.ts';
import { writeEntry, writeJob } from '../programs/dispatch/test/support/work.ts';
import { moveOrder } from '../programs/vendor/src/orders/move-order.ts';
import { ordersStep } from '../programs/vendor/src/orders/settle-orders.ts';
import { registrationsStep } from '../programs/vendor/src/registrations/confirm-registration.ts';
import { createTerminal, type TestTerminal } from '../programs/vendor/test/fixture.ts';
import { startTwoCompanies, type TwoCompanies } from './two-companies.ts';

const dayMs = 86_400_000;
const fuelOfPoint = 2_000_000_000n;
const yen = (coins: number) => ({ currency: 'JPY', amountMilli: String(coins * 1000) });

describe('orders across an outage', () => {
  let companies: TwoCompanies;
  before(async () => {
    companies = await startTwoCompanies();
  });
  after(() => companies?.[Symbol.asyncDispose]());

  interface Shopper {
    readonly terminal: TestTerminal;
    readonly pseudonym: Pseudonym;
    readonly service: Caller;
    readonly product: string;
    readonly session: string;
  }
  /** A member with 500 points, signed in at a service of its own. */
  const shopper = async (product: string): Promise<Shopper> => {
    const { vendor, vendorOperator, clock, dispatch, contractorOperator } = companies;
    const cashPrice = { price: yen(0), per: 'month' as const };
    const policy = { windowDays: 30, pointsMilliMin: '0', devicesMax: 2 };
    const body = { kind: 'service' as const, title: product, description: 'A service.', cashPrice, policy };
    await vendorOperator.call(putProduct, { params: { product }, body });
    const price = { price: yen(3), description: 'one search' };
    await vendorOperator.call(setUsagePrice, { params: { product }, body: price });
    const { key } = await vendorOperator.call(addServiceKey, { params: { product } });
    const service = bearer(vendor.url, key);
    const terminal = await createTerminal({ vendor, clock });
    const { registrationId } = await terminal.register(product);
    await registrationsStep(vendor.context);
    const { licenseKey = '' } = await terminal.register(product, { registrationId });
    const { sql } = dispatch.server.context;
    const [row] = await sql<{ terminalId: string; pseudonym: Pseudonym }[]>`
      select t.id as terminal_id, r.pseudonym
      from registration r
      join terminal t on t.number = r.terminal_number
      where r.id = ${registrationId}
    `;
    const { customerId } = await enrolCustomer(dispatch.url, contractorOperator);
    const { jobNumber } = await writeJob(sql, { customerId, fuel: 0n, state: 'running' });
    const { terminalId, pseudonym } = row!;
    await writeEntry(sql, { terminalId, jobNumber, fuel: 500n * fuelOfPoint, at: clock.now() });
    const { session } = await service.call(openServiceSession, { body: { licenseKey } });
    return { terminal, pseudonym, service, product, session };
  };
  const bill = async ({ service, product, session }: Shopper): Promise<OrderId> => {
    const usage = { session, quantity: 100, description: 'searches' };
    const { period } = await service.call(recordUsage, { params: { usageId: newId() }, body: usage });
    const { bills } = await companies.vendorOperator.call(closeUsagePeriod, { params: { product, period } });
    return bills[0]!.orderId;
  };
  const buy = async ({ service, session }: Shopper, points: number): Promise<OrderId> => {
    const orderId = newId<OrderId>();
    const lines = [{ description: 'tea', quantity: 1, unitPrice: yen(300) }];
    await service.call(placeOrder, { params: { orderId }, body: { session, lines, points: `${points}000` } });
    return orderId;
  };
  const orderOf = async ({ terminal }: Shopper, orderId: OrderId) => {
    const { items } = await terminal.caller.call(listMemberOrders);
    return items.find((order) => order.orderId === orderId) ?? assert.fail();
  };
  const signed = async (member: Shopper, orderId: OrderId) => {
    const { pointsMilli, price } = await orderOf(member, orderId);
    const order = { order: orderId, pointsMilli, priceMilli: price.amountMilli, currency: 'JPY' };
    return member.terminal.confirmation(order);
  };
  /** The member's yes arrives, and then one of the servers is away: as far as `confirmOrder` comes before it asks the contractor. */
  const confirmBeforeOutage = async (member: Shopper, orderId: OrderId) => {
    const confirmation = await signed(member, orderId);
    await moveOrder(companies.vendor.context, orderId, 'confirmed', { confirmation });
  };
  const outage = async (days: number) => {
    companies.clock.forward(days * dayMs);
    for (let round = 0; round < 3; round++) await ordersStep(companies.vendor.context);
  };
  const available = async ({ pseudonym }: Shopper) => {
    const points = await companies.vendor.context.dispatch.call(readMemberPoints, { params: { pseudonym } });
    return Number(points.availableMilli) / 1000;
  };
  const paid = async (member: Shopper, orderId: OrderId) => {
    const { state, discount, charge, reason } = await orderOf(member, orderId);
    return [state, Number(discount.amountMilli) / 1000, Number(charge.amountMilli) / 1000, reason?.code];
  };
  const booksAreRight = async () => {
    const { contractorOperator, vendorOperator, dispatch } = companies;
    assert.deepEqual((await contractorOperator.call(readBooks)).defects, []);
    assert.deepEqual((await vendorOperator.call(readVendorBooks)).defects, []);
    assert.deepEqual(await findAllDefects(dispatch.server.context.sql), []);
  };

  test('a bill and a purchase that were confirmed are captured days later, each once', async () => {
    const member = await shopper('lookup');
    const orders = [await bill(member), await buy(member, 200)] as const;
    for (const orderId of orders) await confirmBeforeOutage(member, orderId);
    await outage(10);
    assert.deepEqual(await paid(member, orders[0]), ['completed', 300, 0, undefined]);
    assert.deepEqual(await paid(member, orders[1]), ['completed', 200, 100, undefined]);
    await outage(1);
    assert.equal(await available(member), 0);
    await booksAreRight();
  });

  test('where the points were spent meanwhile a purchase is refused and a bill charged in money, and both say so', async () => {
    const member = await shopper('archive');
    const orders = [await bill(member), await buy(member, 200)] as const;
    for (const orderId of orders) await confirmBeforeOutage(member, orderId);
    // The vendor cannot reach the contractor: there the hold runs out, and its points are free for other orders.
    companies.clock.forward(20 * 60_000);
    while ((await expireHoldsStep(companies.dispatch.server.context)) === 'again');
    const others = [await buy(member, 280), await buy(member, 120)];
    assert.equal(await available(member), 100);
    await ordersStep(companies.vendor.context);
    assert.deepEqual(await paid(member, orders[0]), ['completed', 0, 300, 'points-short']);
    assert.deepEqual(await paid(member, orders[1]), ['refused', 200, 100, 'points-short']);
    assert.match(
      (await orderOf(member, orders[1])).reason?.sentence ?? '',
      /points are wanted, .* are there/,
    );
    for (const orderId of others) {
      assert.equal((await orderOf(member, orderId)).state, 'awaiting-confirmation');
    }
    await booksAreRight();
  });

  test('a bill whose confirmation is too old to be taken is asked for again, and not charged in money', async () => {
    const member = await shopper('weather');
    const orderId = await bill(member);
    await confirmBeforeOutage(member, orderId);
    await outage(20);
    assert.deepEqual(await paid(member, orderId), ['awaiting-confirmation', 300, 0, 'confirmation-lapsed']);
    const { reason } = await orderOf(member, orderId);
    assert.match(reason?.sentence ?? '', /signed more than 14 days ago/);
    const confirmation = await signed(member, orderId);
    await member.terminal.caller.call(confirmOrder, { params: { orderId }, body: { confirmation } });
    assert.deepEqual(await paid(member, orderId), ['completed', 300, 0, undefined]);
    assert.equal(await available(member), 200);
    await booksAreRight();
  });
});
