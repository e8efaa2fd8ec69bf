/** The sample services against a real vendor server, as a member's browser and agent use them. */
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { startLookup } from '@taika/example-lookup/start-lookup';
import type { RunningService } from '@taika/example-service-kit/run-service';
import { startShop } from '@taika/example-shop/start-shop';
import {
  addServiceKey,
  confirmOrder,
  listMemberOrders,
  setUsagePrice,
} from '@taika/protocol/vendor/services';
import { createTerminal, type Fixture, startFixture } from './fixture.ts';

let fixture: Fixture;
before(async () => {
  fixture = await startFixture();
  await fixture.addProduct('shop', 'service');
  await fixture.addProduct('lookup', 'service');
  fixture.dispatch.points = 700_000n;
  const body = { price: { currency: 'JPY', amountMilli: '3000' }, description: 'one search' };
  await fixture.operator.call(setUsagePrice, { params: { product: 'lookup' }, body });
});
after(() => fixture[Symbol.asyncDispose]());

async function start(
  product: string,
  starter: typeof startShop,
  vendorUrl = fixture.vendor.url,
): Promise<RunningService> {
  const { key } = await fixture.operator.call(addServiceKey, { params: { product } });
  return starter({ vendorUrl, serviceKey: key, port: 0 });
}

/** A browser without scripts: keeps cookies, follows where it is sent. */
function openBrowser(baseUrl: string, language: string) {
  const cookies = new Map<string, string>();
  const visit = async (
    path: string,
    form?: Record<string, string>,
  ): Promise<{ text: string; path: string; status: number }> => {
    const response = await fetch(baseUrl + path, {
      method: form === undefined ? 'GET' : 'POST',
      redirect: 'manual',
      headers: {
        cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; '),
        'accept-language': language,
        ...(form === undefined
          ? {}
          : { 'content-type': 'application/x-www-form-urlencoded', origin: baseUrl }),
      },
      ...(form === undefined ? {} : { body: new URLSearchParams(form).toString() }),
    });
    for (const cookie of response.headers.getSetCookie()) {
      const [pair = ''] = cookie.split(';');
      const [name = '', value = ''] = pair.split('=');
      cookies.set(name, value);
    }
    const to = response.headers.get('location');
    return to === null ? { text: await response.text(), path, status: response.status } : visit(to);
  };
  return { visit, cookies };
}

/** Stands between a service and its vendor server, and does not pass the next answer to a checkout on. */
async function startForgetfulProxy() {
  const state = { losing: 0, placed: [] as string[] };
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) {
      chunks.push(chunk as Buffer);
    }
    const { method = 'GET', url = '/' } = request;
    const { authorization = '' } = request.headers;
    const answer = await fetch(fixture.vendor.url + url, {
      method,
      headers: { authorization, 'content-type': 'application/json' },
      ...(method === 'GET' ? {} : { body: Buffer.concat(chunks) }),
    });
    if (method === 'PUT') {
      state.placed.push(url);
    }
    if (method === 'PUT' && state.losing > 0) {
      state.losing -= 1;
      request.socket.destroy();
      return;
    }
    const type = answer.headers.get('content-type') ?? '';
    response.writeHead(answer.status, { 'content-type': type }).end(await answer.text());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    state,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function newMember(product: string) {
  const terminal = await createTerminal(fixture);
  const { registrationId, licenseKey = '' } = await terminal.register(product, { name: 'Hanako <b>' });
  await terminal.acknowledge(registrationId);
  return { terminal, licenseKey };
}

test('a member signs in to the shop with the key, orders with points, confirms in the agent, and sees the receipt', async () => {
  await using shop = await start('shop', startShop);
  const { terminal, licenseKey } = await newMember('shop');
  const { visit } = openBrowser(shop.url, 'en');
  assert.match((await visit('/')).text, /Sencha, first flush/);
  await visit('/basket', { good: 'sencha', by: '1' });
  assert.match((await visit('/checkout', { points: 'all' })).text, /Sign in with your license key/);
  assert.match(
    (await visit('/sign-in', { key: licenseKey.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A')) })).text,
    /typing error/,
  );
  const basket = await visit('/sign-in', { key: licenseKey.toLowerCase() });
  assert.match(basket.text, /Hanako &lt;b&gt;/);
  assert.match(basket.text, /Points to spend:.*700/s);
  const waiting = await visit('/checkout', { points: 'all' });
  const orderId = /taika agent confirm ([0-9a-f-]{36})/.exec(waiting.text)?.[1];
  assert.match(waiting.text, /--agent NAME/);
  assert.ok(orderId, waiting.text);
  assert.deepEqual(JSON.parse((await visit(`/orders/${orderId}/state`)).text), {
    state: 'awaiting-confirmation',
  });

  const order = (await terminal.caller.call(listMemberOrders)).items[0];
  assert.ok(order);
  const confirmation = await terminal.confirmation({
    order: order.orderId,
    pointsMilli: order.pointsMilli,
    priceMilli: order.price.amountMilli,
    currency: 'JPY',
  });
  await terminal.caller.call(confirmOrder, { params: { orderId: order.orderId }, body: { confirmation } });
  const receipt = (await visit(`/orders/${orderId}`)).text;
  assert.match(receipt, /<h1>Receipt<\/h1>/);
  assert.match(receipt, /data-sum="price">¥1,200</);
  assert.match(receipt, /data-sum="discount">−¥700</);
  assert.match(receipt, /data-sum="charge">¥500</);
  assert.match((await visit('/basket')).text, /nothing in the basket/);
});

test('nobody sees an order without signing in, and a form of another site does nothing', async () => {
  await using shop = await start('shop', startShop);
  const { visit } = openBrowser(shop.url, 'ja');
  assert.match(
    (await visit('/orders/01980000-0000-7000-8000-000000000001')).text,
    /ライセンスキーでサインイン/,
  );
  assert.equal((await visit('/nowhere')).status, 404);
  const foreign = await fetch(`${shop.url}/basket`, {
    method: 'POST',
    headers: { origin: 'https://elsewhere.example', 'content-type': 'application/x-www-form-urlencoded' },
    body: 'good=sencha&by=1',
  });
  assert.equal(foreign.status, 403);
});

test('an order is not there for another member, neither its page nor its state', async () => {
  await using shop = await start('shop', startShop);
  const [owner, stranger] = [openBrowser(shop.url, 'en'), openBrowser(shop.url, 'en')];
  await owner.visit('/sign-in', { key: (await newMember('shop')).licenseKey });
  await stranger.visit('/sign-in', { key: (await newMember('shop')).licenseKey });
  await owner.visit('/basket', { good: 'sencha', by: '1' });
  const { path } = await owner.visit('/checkout', { points: '0' });
  assert.match(path, /^\/orders\//);
  for (const place of [path, `${path}/state`]) {
    assert.equal((await owner.visit(place)).status, 200);
    const refused = await stranger.visit(place);
    assert.equal(refused.status, 404);
    assert.doesNotMatch(refused.text, /Sencha|completed/);
  }
});

test('a checkout whose answer was lost is one order, however it is tried again', async () => {
  await using proxy = await startForgetfulProxy();
  await using shop = await start('shop', startShop, proxy.url);
  const { terminal, licenseKey } = await newMember('shop');
  const { visit } = openBrowser(shop.url, 'en');
  await visit('/sign-in', { key: licenseKey });
  const ordersCount = async () => (await terminal.caller.call(listMemberOrders)).items.length;

  await visit('/basket', { good: 'sencha', by: '1' });
  proxy.state.losing = 2;
  assert.equal((await visit('/checkout', { points: '0' })).status, 502);
  assert.match((await visit('/checkout', { points: '0' })).text, /<h1>Receipt<\/h1>/);
  assert.equal(new Set(proxy.state.placed).size, 1);
  assert.equal(await ordersCount(), 1);

  await visit('/basket', { good: 'sencha', by: '1' });
  proxy.state.losing = 2;
  await visit('/checkout', { points: '0' });
  await visit('/basket', { good: 'sencha', by: '1' });
  const known = await visit('/checkout', { points: '0' });
  assert.match(known.text, /data-sum="price">¥1,200</, 'what was ordered, not the changed basket');
  assert.equal(await ordersCount(), 2);
  assert.match((await visit('/checkout', { points: '0' })).text, /data-sum="price">¥2,400</);
  assert.equal(await ordersCount(), 3);
});

test('the cookie from before signing in opens nothing afterwards, and a member leaves nothing to the next', async () => {
  await using shop = await start('shop', startShop);
  const { visit, cookies } = openBrowser(shop.url, 'en');
  const basketOf = (visitor: string) =>
    fetch(`${shop.url}/basket`, { headers: { cookie: `visitor=${visitor}` } }).then((page) => page.text());
  await visit('/basket', { good: 'sencha', by: '1' });
  const planted = cookies.get('visitor') ?? '';
  const page = await visit('/sign-in', { key: (await newMember('shop')).licenseKey });
  assert.match(page.text, /Sencha/);
  const signedIn = cookies.get('visitor') ?? '';
  assert.notEqual(signedIn, planted);
  assert.doesNotMatch(await basketOf(planted), /Hanako|Sencha/);
  assert.match(await basketOf(signedIn), /Hanako/);
  assert.doesNotMatch((await visit('/sign-out', {})).text, /Hanako/);
  assert.doesNotMatch(await basketOf(signedIn), /Hanako/);
  assert.match((await visit('/basket')).text, /nothing in the basket/);
});

test('every page says its language, has one heading and a main part, and loads nothing from elsewhere', async () => {
  await using shop = await start('shop', startShop);
  for (const language of ['en', 'ja']) {
    const { visit } = openBrowser(shop.url, language);
    for (const path of ['/', '/basket', '/sign-in', '/nowhere']) {
      const { text } = await visit(path);
      assert.doesNotMatch(text, /taika agent status/);
      assert.match(text, new RegExp(`<html lang="${language}">`));
      assert.equal(text.match(/<h1>/g)?.length, 1, path);
      assert.match(text, /<main id="main">/);
      assert.doesNotMatch(text, /(?:src|href)="(?:https?:)?\/\//);
      for (const [, id] of text.matchAll(/<input (?:id="(\w+)" )?name/g)) {
        assert.match(text, new RegExp(`<label for="${id}">`));
      }
    }
  }
});

test('the search asks for the key at the start, counts each use, and shows what the month comes to', async () => {
  await using lookup = await start('lookup', startLookup);
  const { licenseKey } = await newMember('lookup');
  const { visit } = openBrowser(lookup.url, 'ja');
  assert.match((await visit('/')).text, /ライセンスキーでサインイン/);
  assert.match((await visit('/sign-in', { key: licenseKey })).text, /都道府県データベース検索/);
  assert.match((await visit('/search', { text: '四国' })).text, /高松/);
  const second = await visit('/search', { text: '<script>' });
  assert.match(second.text, /&lt;script&gt;/);
  assert.match(second.text, /検索は 2 回、ここまで ￥6 です/);
  assert.match((await visit('/bill')).text, /使えるポイント：.*700/s);
});
