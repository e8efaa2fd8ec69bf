/** A service for computing (SPEC C1 to C7), step by step as in figures 4 to 8: real processes, and a member with a browser. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createLicenseKey } from '@taika/crypto/license-key';
import { listClaims, readBooks } from '@taika/protocol/dispatch/money';
import { listMembers } from '@taika/protocol/vendor/licenses';
import {
  listOrders,
  listVendorClaims,
  type OrderRefundText,
  type OrderText,
  readVendorBooks,
} from '@taika/protocol/vendor/services';
import { systemClock } from '@taika/runtime/clock';
import { systemRandom } from '@taika/runtime/random';
import { openBrowser } from '@taika/testing/browser';
import { waitFor } from '@taika/testing/wait-for';
import { createDispatchClient } from '@taika/vendor/dispatch-client';
import { ensureIdentity } from '@taika/vendor/identity';
import type { Page } from 'playwright-core';
import { agentStatus, type Member } from 'taika/up/member';
import { type ServicePages, startServicePages } from 'taika/up/service-pages';
import { agent, assertNoDefects, type Economy, openEconomy, silent } from './economy.ts';
import { assertPointsKnown, assertSettled } from './invariants.ts';
import { assertRefused, jsonOf, succeeded, taika } from './run-program.ts';
import { computeLocally, prepareSmallWeather } from './small-weather.ts';

const rest = new AsyncDisposableStack();
let economy: Economy;
let pages: ServicePages;
let page: Page;
let emi: Member;
let key: string;

before(async () => {
  economy = rest.use(await openEconomy());
  emi = await economy.join('Emi', 'shop');
  await economy.run(emi);
  pages = rest.use(
    await startServicePages({ shop: 0, lookup: 0 }, economy.companies, economy.layout, silent),
  );
  const browser = await openBrowser();
  rest.defer(() => browser.close());
  page = await browser.newPage({ locale: 'en-GB' });
  page.setDefaultTimeout(30_000);
});
after(() => rest.disposeAsync());

test('C1: the key is shown on the member’s screen, and only after the dispatch server confirmed', async () => {
  const { servers, vendor, vendorUrl } = economy.companies;
  const fumio = { ...emi, agentHome: economy.layout.member('Fumio').agent };
  const words = ['register', '--vendor', vendorUrl, '--product', 'shop', '--name', 'Fumio'];
  await servers.dispatch.stop();
  const registering = agent(fumio, [...words, '--contact', 'fumio@example.org']);
  await waitFor('the vendor stored Fumio and waits', async () => {
    const { items } = await vendor.call(listMembers);
    const stored = items.find(({ name }) => name === 'Fumio')?.registrations[0];
    return stored?.state === 'requested' && stored.licenseKeyHint === undefined && stored.reason;
  });
  await servers.dispatch.start();
  const screen = succeeded(await registering);
  assert.match(screen, /… .*out of reach[\s\S]*Your license key: ([0-9A-Z]{5}-){4}[0-9A-Z]{5}\n/);
  const [shown] = jsonOf<{ product: string; licenseKey: string }[]>(await agent(emi, ['key', '--json']));
  assert.equal(shown?.product, 'shop');
  key = shown?.licenseKey ?? '';
});

test('C4, C7: computing earns points in proportion to the work, and needs no application', async () => {
  await using job = await prepareSmallWeather(economy.directory, { members: 120, records: 4 });
  await assertSettled(economy, await economy.grid.submit(job), await computeLocally(job));
  await assertPointsKnown(economy, [emi]);
  assert.ok((await available()) > 10_000n);
  assert.equal((await agentStatus(emi)).registrations[0]?.license.state, 'not-needed');
});

test('C2: the shop asks for the key and refuses a wrong one clearly', async () => {
  await page.goto(`${pages.urls.shop}/`);
  await page.getByRole('button', { name: /Into the basket: Sencha/ }).click();
  await page.getByRole('main').getByRole('link', { name: 'Sign in' }).click();
  const mistyped = key.replace(/^./, (first) => (first === 'A' ? 'B' : 'A'));
  for (const [wrong, sentence] of [
    [mistyped, 'This key has a typing error. Compare it with the agent’s screen.'],
    ['hello', /typing error|No member of this service has this key/],
    [createLicenseKey(systemRandom), 'No member of this service has this key.'],
  ] as const) {
    await signIn(wrong);
    await page.getByRole('alert').getByText(sentence).waitFor();
  }
  await signIn(key.toLowerCase().replaceAll('-', ' '));
  await page.getByText('Signed in as').waitFor();
  assert.equal(await page.locator('header strong').textContent(), 'Emi');
  await page.getByText('Points to spend:').waitFor();
});

test('C5, C6: points are held at checkout, the member confirms in the agent, and pays price − points', async () => {
  const before = await available();
  const orderId = await checkOut('Order and use points');
  await waitFor('the points are held', async () => (await available()) < before);
  const [, held] = /, ([\d.]+) held, 0 spent/.exec(succeeded(await agent(emi, ['status']))) ?? [];
  assert.equal(BigInt(Number(held) * 1000), before - (await available()));
  const [waiting] = jsonOf<OrderText[]>(await agent(emi, ['orders', '--json']));
  assert.equal(waiting?.orderId, orderId);
  assert.match(succeeded(await agent(emi, ['orders'])), /awaiting-confirmation.*1,200 JPY.*Sencha/);

  const said = succeeded(await agent(emi, ['confirm', orderId]));
  await page.getByRole('heading', { name: 'Receipt' }).waitFor();
  const order = await orderOf(orderId);
  const discount = BigInt(order.discount.amountMilli);
  assert.equal(order.state, 'completed');
  assert.equal(discount, (before / 1000n) * 1000n, 'All whole points are worth one yen each.');
  assert.equal(BigInt(order.charge.amountMilli), BigInt(order.price.amountMilli) - discount);
  const yen = discount / 1000n;
  assert.match(said, new RegExp(`taken off ${yen} JPY, to pay ${(1200n - yen).toLocaleString('en')} JPY`));
  for (const [sum, text] of [
    ['price', '¥1,200'],
    ['discount', `−¥${yen}`],
    ['charge', `¥${(1200n - yen).toLocaleString('en')}`],
  ])
    assert.equal((await page.locator(`[data-sum="${sum}"]`).textContent())?.replace('JP', ''), text);
  await hasAvailable(before - discount);
  succeeded(await agent(emi, ['confirm', orderId]));
  assert.equal(await available(), before - discount, 'A repeated word spends nothing more.');
});

test('a refund gives points back: the agent has them, and the receipt says so', async () => {
  const [order] = (await economy.companies.vendor.call(listOrders)).items.filter(
    ({ state, pointsMilli }) => state === 'completed' && pointsMilli !== '0',
  );
  assert.ok(order);
  const before = await available();
  const operator = { environment: { TAIKA_HOME: economy.directory } };
  const { vendorUrl, vendorOperatorKeyFile } = economy.companies;
  const flags = ['--url', vendorUrl, '--operator-key-file', vendorOperatorKeyFile];
  const refunding = ['vendor', 'refund', order.orderId, '--amount', '600 JPY', '--json', ...flags];
  const { state, pointsMilli } = jsonOf<OrderRefundText>(await taika(refunding, operator));
  assert.equal(state, 'done');
  const half = (BigInt(order.pointsMilli) / 1000n + 1n) / 2n;
  assert.equal(BigInt(pointsMilli), half * 1000n);
  await hasAvailable(before + half * 1000n);
  assert.match(succeeded(await agent(emi, ['orders'])), new RegExp(`600 JPY \\(${half}(\\.000)? points\\)`));
  await page.goto(`${pages.urls.shop}/orders/${order.orderId}`);
  await page.locator('[data-sum="refunded"]').getByText('600').waitFor();
  await assertNoDefects(economy);
});

test('orders that are declined, or that nobody confirms, give the points back; without points nothing is held', async () => {
  await computeMore();
  const before = await available();
  const declined = await checkOut('Order and use points');
  await waitFor('the points are held', async () => (await available()) < before);
  succeeded(await agent(emi, ['decline', declined]));
  await page.getByText('You declined to spend points.').waitFor();
  await waitFor('the points are free again', async () => (await available()) === before);

  const late = await checkOut('Order and use points');
  await waitFor('the points are held', async () => (await available()) < before);
  // The clock is moved, not waited for.
  await economy.vendorSql`
    update service_order
    set expires_at = now(), next_attempt_at = now()
    where id = ${late}
  `;
  await page.getByRole('heading', { name: 'The order has expired' }).waitFor();
  await waitFor('the points are free again', async () => (await available()) === before);
  assertRefused(await agent(emi, ['confirm', late]), { code: 2, says: /expired: it cannot be confirmed/ });

  const inMoney = await checkOut('Order and pay in money');
  await page.getByRole('heading', { name: 'Receipt' }).waitFor();
  assert.equal((await orderOf(inMoney)).charge.amountMilli, '1200000');
  assert.equal(await available(), before);
});

test('C3, C5: the search counts each use; the closed period’s bill is confirmed, and all numbers agree', async () => {
  const { vendorUrl } = economy.companies;
  const words = ['register', '--vendor', vendorUrl, '--product', 'lookup', '--name', 'Emi', '--json'];
  const { licenseKey } = jsonOf<{ licenseKey: string }>(
    await agent(emi, [...words, '--contact', emi.contact]),
  );
  await page.goto(`${pages.urls.lookup}/`);
  await page.getByRole('heading', { name: 'Sign in with your license key' }).waitFor();
  await signIn(key);
  await page.getByRole('alert').waitFor();
  await signIn(licenseKey);
  for (const [text, found] of [
    ['Takamatsu', 'Kagawa'],
    ['Shikoku', 'Ehime'],
    ['Atlantis', 'Nothing was found'],
  ] as const) {
    await page.getByLabel('Name, capital, region or code').fill(text);
    await page.getByRole('button', { name: 'Search' }).click();
    await page.getByText(found).first().waitFor();
  }
  await page.getByText(/Searches in \d{4}-\d{2}: 3, which comes to (JP)?¥9 so far/).waitFor();

  const before = await available();
  const period = new Date().toISOString().slice(0, 7);
  const operator = { environment: { TAIKA_HOME: economy.directory } };
  const flags = ['--url', vendorUrl, '--operator-key-file', economy.companies.vendorOperatorKeyFile];
  const closing = ['vendor', 'close-period', '--product', 'lookup', '--period', period, '--json', ...flags];
  const { bills } = jsonOf<{ bills: OrderText[] }>(await taika(closing, operator));
  const [bill] = bills;
  assert.ok(bill && bills.length === 1);
  assert.deepEqual(
    [bill.kind, bill.state, bill.price.amountMilli, bill.period],
    ['usage', 'awaiting-confirmation', '9000', period],
  );
  succeeded(await agent(emi, ['confirm', bill.orderId]));
  const paid = await orderOf(bill.orderId);
  assert.deepEqual(
    [paid.state, paid.discount.amountMilli, paid.charge.amountMilli],
    ['completed', '9000', '0'],
  );
  await hasAvailable(before - 9000n);
  const again = jsonOf<{ bills: OrderText[] }>(await taika(closing, operator));
  assert.deepEqual(
    again.bills.map(({ orderId, state }) => [orderId, state]),
    [[bill.orderId, 'completed']],
  );
});

test('the contractor owes exactly what was taken off, and both companies’ books say so', async () => {
  const { vendor, contractor, dispatchUrl } = economy.companies;
  const identity = await ensureIdentity(economy.layout.vendor, {
    now: new Date(),
    random: systemRandom,
  });
  const signed = createDispatchClient({ dispatchUrl, identity, clock: systemClock, random: systemRandom });
  const theirs = (await signed.call(listClaims)).items.map(({ claimId, kind, state, amount, orderId }) => ({
    claimId,
    kind,
    state,
    amount,
    orderId,
  }));
  const ours = (await vendor.call(listVendorClaims)).items;
  const orders = (await vendor.call(listOrders)).items.filter(({ state }) => state === 'completed');
  const summed = (list: readonly { readonly amount: { readonly amountMilli: string } }[]) =>
    list.reduce((sum, { amount }) => sum + BigInt(amount.amountMilli), 0n);
  assert.deepEqual(
    ours
      .filter(({ kind }) => kind === 'discount')
      .map(({ amount }) => amount.amountMilli)
      .sort(),
    orders
      .map(({ discount }) => discount.amountMilli)
      .filter((milli) => milli !== '0')
      .sort(),
  );
  assert.deepEqual(
    theirs
      .filter(({ kind }) => kind === 'discount')
      .map(({ orderId, amount }) => [orderId, amount.amountMilli])
      .sort(),
    orders
      .filter(({ discount }) => discount.amountMilli !== '0')
      .map(({ orderId, discount }) => [orderId, discount.amountMilli])
      .sort(),
  );
  await waitFor('the license fees are on both sides', async () => {
    const accrued = (await vendor.call(listVendorClaims)).items.filter(({ state }) => state === 'accrued');
    assert.equal(summed(accrued), summed((await signed.call(listClaims)).items));
    return true;
  });
  for (const books of [await vendor.call(readVendorBooks), await contractor.call(readBooks)])
    assert.deepEqual(books.defects, []);
  await assertNoDefects(economy);
});

async function signIn(text: string): Promise<void> {
  await page.getByLabel('License key').fill(text);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

/** Puts tea in the basket and checks out; gives the order's id. */
async function checkOut(button: 'Order and use points' | 'Order and pay in money'): Promise<string> {
  await page.goto(`${pages.urls.shop}/basket`);
  if (await page.getByText('There is nothing in the basket yet.').isVisible()) {
    await page.goto(`${pages.urls.shop}/`);
    await page.getByRole('button', { name: /Into the basket: Sencha/ }).click();
  }
  await page.getByRole('button', { name: button }).click();
  await page.waitForURL(/\/orders\//);
  return page.url().split('/').at(-1) ?? '';
}

async function computeMore(): Promise<void> {
  await using job = await prepareSmallWeather(economy.directory, { members: 100, records: 4 });
  await (await economy.grid.submit(job)).finished(AbortSignal.timeout(300_000));
  await waitFor('there are points again', async () => (await available()) > 10_000n);
}

async function available(): Promise<bigint> {
  return BigInt((await agentStatus(emi)).points?.availableMilli ?? 0);
}

/** The agent hears of its points a moment after they changed. */
async function hasAvailable(milli: bigint): Promise<void> {
  await waitFor(`${milli} points are available`, async () => (await available()) === milli);
}

async function orderOf(orderId: string): Promise<OrderText> {
  return waitFor('the order', async () => {
    const { items } = await economy.companies.vendor.call(listOrders);
    return items.find((order) => order.orderId === orderId);
  });
}
