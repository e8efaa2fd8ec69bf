/** The sample services against a real vendor server, as a member's browser and agent use them. */
import assert from 'node:assert/strict';
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

async function start(product: string, starter: typeof startShop): Promise<RunningService> {
  const { key } = await fixture.operator.call(addServiceKey, { params: { product } });
  return starter({ vendorUrl: fixture.vendor.url, serviceKey: key, port: 0 });
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
  return { visit };
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

test('every page says its language, has one heading and a main part, and loads nothing from elsewhere', async () => {
  await using shop = await start('shop', startShop);
  for (const language of ['en', 'ja']) {
    const { visit } = openBrowser(shop.url, language);
    for (const path of ['/', '/basket', '/sign-in', '/nowhere']) {
      const { text } = await visit(path);
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
