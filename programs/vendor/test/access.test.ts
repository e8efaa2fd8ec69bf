/** Every route × every party: who is let in, and that nobody sees what belongs to another. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { generateKeyPair } from '@taika/crypto/keys';
import { type RequestToSign, signRequest } from '@taika/crypto/signed-request';
import { type Caller, RemoteError } from '@taika/http/call';
import * as books from '@taika/protocol/books';
import type { Access, Route } from '@taika/protocol/route';
import type { LicenseId, OrderId } from '@taika/protocol/schema';
import * as catalogue from '@taika/protocol/vendor/catalogue';
import * as claimDocuments from '@taika/protocol/vendor/claim-documents';
import * as licenses from '@taika/protocol/vendor/licenses';
import * as memberPayments from '@taika/protocol/vendor/member-payments';
import * as services from '@taika/protocol/vendor/services';
import { uuidv7 } from '@taika/runtime/identifiers';
import { systemRandom } from '@taika/runtime/random';
import { createTerminal, type Fixture, startFixture, type TestTerminal } from './fixture.ts';

let fixture: Fixture;
let shop: Caller;
let other: Caller;
let terminal: TestTerminal;
before(async () => {
  fixture = await startFixture();
  await fixture.addProduct('editor');
  shop = await fixture.addService('shop');
  other = await fixture.addService('other');
  terminal = await createTerminal(fixture);
  await terminal.register('editor');
  fixture.dispatch.points = 1_000_000n;
});
after(() => fixture[Symbol.asyncDispose]());

const newId = () => uuidv7(fixture.clock.now(), systemRandom);
const refusedWith = (code: string) => (error: unknown) => error instanceof RemoteError && error.code === code;

/** A path of the route with something in the place of every parameter. */
function somePath(route: Route): string {
  const values: Record<string, string> = {
    sha256: '0'.repeat(64),
    product: 'editor',
    period: '2026-11',
    version: '1',
    usageId: 'usage-123',
  };
  return route.path.replaceAll(/:(\w+)/g, (_match, name: string) => values[name] ?? newId());
}

/** How each party would ask: the header that proves who it is. */
const parties: Record<
  'nobody' | 'operator' | 'service' | 'member' | 'vendor',
  (request: RequestToSign) => Promise<string | undefined>
> = {
  nobody: async () => undefined,
  operator: async () => authorizationOf(fixture.operator),
  service: async () => authorizationOf(shop),
  member: (request) => sign(request),
  // A vendor's own signature is good at the dispatch server, not here.
  vendor: (request) =>
    signRequest({
      ...request,
      issuer: fixture.vendor.identity.vendorId,
      audience: fixture.vendor.identity.vendorId,
      key: fixture.vendor.identity.key.privateKey,
      now: fixture.clock.now(),
      random: systemRandom,
    }),
};

/** The bearer that a caller of the fixture sends. */
async function authorizationOf(caller: Caller): Promise<string> {
  let seen = '';
  const real = globalThis.fetch;
  globalThis.fetch = async (_url, init) => {
    seen = new Headers(init?.headers).get('authorization') ?? '';
    return Response.json({ items: [] });
  };
  await caller.call(catalogue.listProducts).finally(() => {
    globalThis.fetch = real;
  });
  return seen;
}

function sign(
  request: RequestToSign,
  change: Partial<Parameters<typeof signRequest>[0]> = {},
): Promise<string> {
  return signRequest({
    ...request,
    issuer: terminal.thumbprint,
    audience: fixture.vendor.identity.vendorId,
    key: terminal.key.privateKey,
    now: fixture.clock.now(),
    random: systemRandom,
    ...change,
  });
}

async function statusOf(
  route: Route,
  authorization: string | undefined,
  path: string,
): Promise<{ status: number; code: string }> {
  const response = await fetch(fixture.vendor.url + path, {
    method: route.method,
    ...(authorization === undefined ? {} : { headers: { authorization } }),
  });
  const text = await response.text();
  const code = response.headers.get('content-type')?.includes('problem') ? JSON.parse(text).code : '';
  return { status: response.status, code };
}

function isRoute(value: unknown): value is Route {
  return typeof value === 'object' && value !== null && 'path' in value && 'access' in value;
}

test('every route of the contract is served, and no other', () => {
  const exported: unknown[] = [
    ...Object.values(catalogue),
    ...Object.values(licenses),
    ...Object.values(services),
    ...Object.values(books),
    ...Object.values(claimDocuments),
    ...Object.values(memberPayments),
  ];
  const contract = exported.filter(isRoute);
  const names = (routes: readonly Route[]) => routes.map(({ method, path }) => `${method} ${path}`).sort();
  assert.deepEqual(names(fixture.vendor.app.declaredRoutes), names(contract));
});

test('every route lets in whom its access names and nobody else', async () => {
  for (const route of fixture.vendor.app.declaredRoutes) {
    for (const [party, proof] of Object.entries(parties)) {
      const path = somePath(route);
      const { status, code } = await statusOf(route, await proof({ method: route.method, path }), path);
      const isAdmitted = route.access.includes('public') || route.access.includes(party as Access);
      const refusals = ['unauthenticated', 'bad-key', 'forbidden', 'bad-signature', 'terminal-unknown'];
      assert.equal(refusals.includes(code), !isAdmitted, `${party} at ${route.name}: ${status} ${code}`);
      assert.notEqual(status, 500, `${party} at ${route.name}`);
    }
  }
});

test('forged, foreign, altered, expired and replayed signatures are refused', async () => {
  const route = services.listMemberOrders;
  const request = { method: 'GET', path: route.path };
  const stranger = await generateKeyPair();
  const later = new Date(fixture.clock.now().getTime() + 61_000);
  const earlier = new Date(fixture.clock.now().getTime() - 61_000);
  const table: [string, string, string][] = [
    ['by another key', await sign(request, { key: stranger.privateKey }), 'bad-signature'],
    ['for another vendor', await sign(request, { audience: newId() }), 'bad-signature'],
    ['for another path', await sign({ ...request, path: '/v1/orders' }), 'bad-signature'],
    ['for another query', await sign({ ...request, path: `${route.path}?after=1` }), 'bad-signature'],
    ['for another method', await sign({ ...request, method: 'POST' }), 'bad-signature'],
    ['over another body', await sign({ ...request, body: '{}' }), 'bad-signature'],
    ['too old', await sign(request, { now: earlier }), 'bad-signature'],
    ['from the future', await sign(request, { now: later }), 'bad-signature'],
    [
      'by nobody known',
      await sign(request, { issuer: 'nobody', key: stranger.privateKey }),
      'terminal-unknown',
    ],
    ['garbage', 'Taika-Signature x.y.z', 'bad-signature'],
    ['no signature', 'Taika-Signature', 'unauthenticated'],
    ['another scheme', 'Basic eDp5', 'unauthenticated'],
    ['a mistyped key', 'Bearer taika_operator_0000000000_000000000000000000000000000000000', 'bad-key'],
    ['no key of ours', 'Bearer hello', 'bad-key'],
  ];
  for (const [what, authorization, expected] of table) {
    assert.equal((await statusOf(route, authorization, route.path)).code, expected, what);
  }
  const { audience: _audience, ...withoutAudience } = { audience: '', ...request };
  const unaddressed = await signRequest({
    ...withoutAudience,
    issuer: terminal.thumbprint,
    key: terminal.key.privateKey,
    now: fixture.clock.now(),
    random: systemRandom,
  });
  assert.equal((await statusOf(route, unaddressed, route.path)).code, 'bad-signature', 'without an audience');

  const once = await sign(request);
  assert.equal((await statusOf(route, once, route.path)).status, 200);
  assert.equal((await statusOf(route, once, route.path)).code, 'replayed-request');
});

test('nobody sees another’s registration, license, order or session', async () => {
  const owner = await createTerminal(fixture);
  const thief = await createTerminal(fixture);
  const { registrationId, licenseId, licenseKey = '' } = await owner.register('shop');
  const { licenseKey: thiefKey = '' } = await thief.register('shop', { name: 'Thief' });
  const { session } = await shop.call(services.openServiceSession, { body: { licenseKey } });
  const orderId = newId() as OrderId;
  const lines = [{ description: 'tea', quantity: 1, unitPrice: { currency: 'JPY', amountMilli: '1000' } }];
  await shop.call(services.placeOrder, { params: { orderId }, body: { session, lines, points: 'all' } });
  const license = { params: { licenseId: licenseId as LicenseId } };

  await assert.rejects(thief.acknowledge(registrationId), refusedWith('not-found'));
  await assert.rejects(
    thief.caller.call(licenses.forgetMember, { params: { registrationId } }),
    refusedWith('not-found'),
  );
  await assert.rejects(thief.caller.call(licenses.readLicense, license), refusedWith('not-found'));
  await assert.rejects(thief.caller.call(licenses.requestGrant, license), refusedWith('not-found'));
  await assert.rejects(thief.register('shop', { registrationId }), (error: RemoteError) =>
    ['idempotency-conflict', 'conflict'].includes(error.code),
  );
  assert.deepEqual((await thief.caller.call(services.listMemberOrders)).items, []);
  for (const route of [services.confirmOrder, services.declineOrder]) {
    const body = { confirmation: await thief.confirmation({ order: orderId }) };
    await assert.rejects(
      thief.caller.call(route as typeof services.confirmOrder, { params: { orderId }, body }),
      refusedWith('not-found'),
    );
  }
  const thieves = await shop.call(services.openServiceSession, { body: { licenseKey: thiefKey } });
  await assert.rejects(
    shop.call(services.readOrder, { params: { orderId }, query: { session: thieves.session } }),
    refusedWith('not-found'),
  );
  await assert.rejects(
    other.call(services.readOrder, { params: { orderId }, query: { session } }),
    refusedWith('not-found'),
  );
  await assert.rejects(other.call(services.cancelOrder, { params: { orderId } }), refusedWith('not-found'));
  await assert.rejects(
    other.call(services.readSessionPoints, { query: { session } }),
    refusedWith('not-found'),
  );
  await assert.rejects(
    other.call(services.placeOrder, {
      params: { orderId: newId() as OrderId },
      body: { session, lines, points: '0' },
    }),
    refusedWith('not-found'),
  );
  await assert.rejects(
    other.call(services.recordUsage, {
      params: { usageId: newId() },
      body: { session, quantity: 1, description: 'x' },
    }),
    refusedWith('not-found'),
  );
});

test('the thief of a registration id learns nothing of it', async () => {
  const owner = await createTerminal(fixture);
  const thief = await createTerminal(fixture);
  const { registrationId } = await owner.register('editor');
  const error = await thief.register('editor', { registrationId }).catch((thrown) => thrown);
  assert.equal(error.code, 'idempotency-conflict');
  assert.doesNotMatch(JSON.stringify(error.problem), /Hanako|example\.org|licenseKey/);
});

test('an oversized body and a body of another form are refused with a sentence', async () => {
  const post = (body: string) =>
    fetch(`${fixture.vendor.url}/v1/registrations/${newId()}`, {
      method: 'PUT',
      body,
      headers: { 'content-type': 'application/json' },
    });
  const codes = await Promise.all(
    [`{"a":"${'x'.repeat(9_000_000)}"}`, '{', '{"product":5}'].map(
      async (body) => (await (await post(body)).json()).code,
    ),
  );
  assert.deepEqual(codes, ['too-large', 'bad-json', 'bad-request']);
});
