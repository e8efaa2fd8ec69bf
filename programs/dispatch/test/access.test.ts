import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { generateKeyPair } from '@taika/crypto/keys';
import { signRequest } from '@taika/crypto/signed-request';
import { signToken } from '@taika/crypto/token';
import type { RemoteError } from '@taika/http/call';
import { openTerminalSession, requestChallenge } from '@taika/protocol/dispatch/registrations';
import type { Route } from '@taika/protocol/route';
import { tokenTypes } from '@taika/protocol/tokens';
import { systemRandom } from '@taika/runtime/random';
import { openSession as readSession, sealSession } from '../src/access/session.ts';
import { type OwnedRows, ownRows, type Recipe } from './support/access-recipes.ts';
import {
  bearer,
  callerWith,
  enrolCustomer,
  enrolVendor,
  giveConsent,
  newId,
  openSession,
  registerTerminal,
  type TestTerminal,
  type TestVendor,
} from './support/parties.ts';
import { startTestDispatch, type TestDispatch } from './support/test-dispatch.ts';

type Kind = 'operator' | 'customer' | 'vendor' | 'terminal';

/** Makes the `Authorization` header of one request; undefined for none. */
type Proof = (request: {
  method: string;
  path: string;
  body: string | undefined;
}) => Promise<string | undefined>;

interface Party {
  readonly name: string;
  readonly kind: Kind | 'nobody';
  readonly isOwner: boolean;
  readonly prove: Proof;
}

describe('access', () => {
  let dispatch: TestDispatch;
  let own: OwnedRows;
  let otherVendor: TestVendor;
  let otherTerminal: TestTerminal;
  let otherSession: string;
  let parties: readonly Party[];
  before(async () => {
    dispatch = await startTestDispatch();
    const operator = bearer(dispatch.url, dispatch.operatorKey);
    own = await ownRows(dispatch);
    const otherCustomer = await enrolCustomer(dispatch.url, operator);
    otherVendor = await enrolVendor(dispatch.url, operator);
    otherTerminal = await registerTerminal(otherVendor);
    otherSession = await openSession(dispatch.url, otherTerminal);
    await giveConsent(bearer(dispatch.url, otherSession), otherTerminal, otherVendor);
    const withToken =
      (token: string): Proof =>
      async () =>
        `Bearer ${token}`;
    parties = [
      { name: 'nobody', kind: 'nobody', isOwner: false, prove: async () => undefined },
      { name: 'another customer', kind: 'customer', isOwner: false, prove: withToken(otherCustomer.key) },
      { name: 'another vendor', kind: 'vendor', isOwner: false, prove: otherVendor.sign },
      { name: 'another terminal', kind: 'terminal', isOwner: false, prove: withToken(otherSession) },
      { name: 'the operator', kind: 'operator', isOwner: true, prove: withToken(dispatch.operatorKey) },
      { name: 'the customer', kind: 'customer', isOwner: true, prove: withToken(own.customerKey) },
      { name: 'the vendor', kind: 'vendor', isOwner: true, prove: own.vendor.sign },
      { name: 'the terminal', kind: 'terminal', isOwner: true, prove: withToken(own.session) },
    ];
  });
  after(() => dispatch?.[Symbol.asyncDispose]());

  const routes = () => dispatch.server.app.declaredRoutes;
  const recipeOf = (route: Route): Recipe => {
    const recipe = own.recipes[route.name];
    assert.ok(recipe, `The route ${route.name} has no request in access-recipes.ts.`);
    return recipe;
  };
  const isOpen = ({ access }: Route) => access.includes('public') || access.includes('signed-url');
  const admits = ({ access }: Route, { kind }: Party) => access.some((admitted) => admitted === kind);

  test('whoever a route is not for is told so, before anything else is looked at', async () => {
    for (const route of routes().filter((candidate) => !isOpen(candidate))) {
      for (const party of parties.filter((candidate) => !admits(route, candidate))) {
        const answer = await send(dispatch.url, route, recipeOf(route), party.prove);
        const expected = party.kind === 'nobody' ? 'unauthenticated' : 'forbidden';
        assert.equal(answer.code, expected, `${party.name} at ${route.name}: ${answer.text}`);
      }
    }
  });

  test('whoever a route is for, and not the row, learns nothing of it and changes nothing', async () => {
    const before = await own.snapshot();
    for (const route of routes().filter((candidate) => !isOpen(candidate))) {
      for (const party of parties.filter((candidate) => admits(route, candidate) && !candidate.isOwner)) {
        const answer = await send(dispatch.url, route, recipeOf(route), party.prove);
        const told = `${party.name} at ${route.name}: ${answer.status} ${answer.text}`;
        assert.ok(answer.status < 500, told);
        assert.notEqual(answer.code, 'unauthenticated', told);
        assert.notEqual(answer.code, 'forbidden', told);
        for (const secret of own.secrets) {
          assert.ok(!answer.text.includes(secret), told);
        }
      }
    }
    assert.deepEqual(await own.snapshot(), before);
  });

  test('bytes are used by whoever uploaded them, not by whoever knows their digest', async () => {
    const before = await own.snapshot();
    const stranger = await enrolCustomer(dispatch.url, bearer(dispatch.url, dispatch.operatorKey));
    const prove: Proof = async () => `Bearer ${stranger.key}`;
    for (const name of ['findBlob', 'admitProgram', 'submitJob']) {
      const route = routes().find((candidate) => candidate.name === name)!;
      const recipe = recipeOf(route);
      const params = name === 'submitJob' ? { jobId: newId() } : recipe.params;
      const answer = await send(dispatch.url, route, { ...recipe, ...(params && { params }) }, prove);
      assert.ok(answer.status >= 400 && answer.status < 500, `${name}: ${answer.text}`);
    }
    const { customers: _enrolled, ...after } = (await own.snapshot()) as Record<string, unknown>;
    const { customers: _before, ...unchanged } = before as Record<string, unknown>;
    assert.deepEqual(after, unchanged);
  });

  test('a forged, foreign, changed or over proof is no proof, at any route', async () => {
    const before = await own.snapshot();
    const proofs = await forgedProofs();
    for (const route of routes().filter((candidate) => !isOpen(candidate))) {
      for (const { name, kind, prove, codes } of proofs) {
        if (route.access.some((admitted) => admitted === kind)) {
          const answer = await send(dispatch.url, route, recipeOf(route), prove);
          assert.equal(answer.status, 401, `${name} at ${route.name}: ${answer.text}`);
          assert.ok(codes.includes(answer.code ?? ''), `${name} at ${route.name}: ${answer.text}`);
        }
      }
    }
    assert.deepEqual(await own.snapshot(), before);
  });

  test('a signed request is good once, on whichever replica', async () => {
    await using replica = await dispatch.startReplica(2);
    const route = routes().find(({ name }) => name === 'readVendor')!;
    const signed = await own.vendor.sign({ method: route.method, path: route.path });
    const prove: Proof = async () => signed;
    assert.equal((await send(dispatch.url, route, {}, prove)).status, 200);
    assert.equal((await send(dispatch.url, route, {}, prove)).code, 'replayed-request');
    assert.equal((await send(replica.url, route, {}, prove)).code, 'replayed-request');
  });

  test('a session of one replica is good on another, and a challenge opens one session', async () => {
    await using replica = await dispatch.startReplica(3);
    const route = routes().find(({ name }) => name === 'readTerminal')!;
    const prove: Proof = async () => `Bearer ${otherSession}`;
    assert.equal((await send(replica.url, route, {}, prove)).status, 200);
    const anybody = callerWith(dispatch.url);
    const { thumbprint: sub, keyPair } = otherTerminal;
    const open = (url: string, answer: string) =>
      callerWith(url)
        .call(openTerminalSession, { body: { answer } })
        .then(
          () => 'opened',
          (error: RemoteError) => error.code,
        );
    const answerTo = (claims: object, key = keyPair.privateKey, type: string = tokenTypes.challengeAnswer) =>
      signToken({ sub, iat: Math.floor(Date.now() / 1000), ...claims }, { type, key });
    const { challenge } = await anybody.call(requestChallenge, { body: { terminalKeyThumbprint: sub } });
    const elsewhere = await anybody.call(requestChallenge, {
      body: { terminalKeyThumbprint: 'A'.repeat(43) },
    });
    const stranger = await generateKeyPair();
    assert.equal(
      await open(replica.url, await answerTo({ challenge }, stranger.privateKey)),
      'bad-signature',
    );
    assert.equal(
      await open(replica.url, await answerTo({ challenge: elsewhere.challenge })),
      'bad-signature',
    );
    assert.equal(await open(replica.url, await answerTo({ challenge: `${challenge}A` })), 'bad-signature');
    assert.equal(await open(replica.url, await answerTo({})), 'bad-signature');
    const asConsent = await answerTo({ challenge }, keyPair.privateKey, tokenTypes.consent);
    assert.equal(await open(replica.url, asConsent), 'bad-signature');
    const unknown = await signToken(
      { sub: 'A'.repeat(43), challenge },
      { type: tokenTypes.challengeAnswer, key: stranger.privateKey },
    );
    assert.equal(await open(replica.url, unknown), 'terminal-unknown');
    const answer = await answerTo({ challenge });
    const outcomes = await Promise.all([open(dispatch.url, answer), open(replica.url, answer)]);
    assert.deepEqual(outcomes.sort(), ['opened', 'replayed-request']);
  });

  test('an open route is open to everybody, and a blob’s address must be one of ours', async () => {
    for (const route of routes().filter(isOpen)) {
      for (const party of parties) {
        const answer = await send(dispatch.url, route, recipeOf(route), party.prove);
        const told = `${party.name} at ${route.name}: ${answer.text}`;
        assert.notEqual(answer.code, 'unauthenticated', told);
        assert.notEqual(answer.code, 'forbidden', told);
        if (route.access.includes('signed-url')) {
          assert.equal(answer.code, 'bad-signature', told);
        }
      }
    }
  });

  test('whoever a row belongs to gets through', async () => {
    const owners = parties.filter(({ isOwner }) => isOwner);
    const ordered = routes()
      .filter((route) => !isOpen(route))
      .sort(
        (left, right) => Number(recipeOf(left).isLast ?? false) - Number(recipeOf(right).isLast ?? false),
      );
    for (const route of ordered) {
      for (const party of owners.filter((candidate) => admits(route, candidate))) {
        const answer = await send(dispatch.url, route, recipeOf(route), party.prove);
        const told = `${party.name} at ${route.name}: ${answer.status} ${answer.text}`;
        // What was cancelled, ended or revoked a moment ago is refused as such; never as a stranger's.
        const isLetIn =
          answer.status < 300 || ['wrong-state', 'terminal-revoked'].includes(answer.code ?? '');
        assert.ok(isLetIn, told);
      }
    }
  });

  async function forgedProofs() {
    const { secrets } = dispatch.server.context;
    const read = readSession(own.session, secrets.session, new Date());
    assert.ok(read.kind === 'session');
    const ownSession = read.session;
    const stranger = await generateKeyPair();
    const sign =
      (change: Partial<Parameters<typeof signRequest>[0]>): Proof =>
      ({ method, path, body }) =>
        signRequest({
          method,
          path,
          body,
          issuer: own.vendor.vendorId,
          key: own.vendor.keyPair.privateKey,
          now: new Date(),
          random: systemRandom,
          ...change,
        });
    const token =
      (text: string): Proof =>
      async () =>
        `Bearer ${text}`;
    const lastChanged = (text: string) => text.slice(0, -1) + (text.endsWith('A') ? 'B' : 'A');
    const later = new Date(Date.now() + 3_600_000);
    const signed = ['bad-signature'];
    const proofs: { name: string; kind: Kind; prove: Proof; codes: string[] }[] = [
      {
        name: 'a mistyped key',
        kind: 'customer',
        prove: token(lastChanged(own.customerKey)),
        codes: ['bad-key'],
      },
      { name: 'no key at all', kind: 'customer', prove: token('secret'), codes: ['bad-key'] },
      {
        name: 'a mistyped operator key',
        kind: 'operator',
        prove: token(lastChanged(dispatch.operatorKey)),
        codes: ['bad-key'],
      },
      {
        name: 'a customer key as an operator key',
        kind: 'operator',
        prove: token(own.customerKey.replace('customer', 'operator')),
        codes: ['bad-key'],
      },
      {
        name: 'another key’s signature',
        kind: 'vendor',
        prove: sign({ key: stranger.privateKey }),
        codes: signed,
      },
      {
        name: 'another vendor’s name',
        kind: 'vendor',
        prove: sign({ issuer: otherVendor.vendorId }),
        codes: signed,
      },
      { name: 'an unknown vendor', kind: 'vendor', prove: sign({ issuer: newId() }), codes: ['bad-key'] },
      { name: 'no vendor', kind: 'vendor', prove: sign({ issuer: "' or 1 = 1" }), codes: ['bad-key'] },
      { name: 'another path', kind: 'vendor', prove: sign({ path: '/v1/other' }), codes: signed },
      { name: 'another method', kind: 'vendor', prove: sign({ method: 'TRACE' }), codes: signed },
      { name: 'another body', kind: 'vendor', prove: sign({ body: '{"other":1}' }), codes: signed },
      {
        name: 'an old signature',
        kind: 'vendor',
        prove: sign({ now: new Date(Date.now() - 120_000) }),
        codes: signed,
      },
      {
        name: 'a future signature',
        kind: 'vendor',
        prove: sign({ now: new Date(Date.now() + 120_000) }),
        codes: signed,
      },
      {
        name: 'an unsigned token',
        kind: 'vendor',
        prove: async () => `Taika-Signature ${unsigned({ iss: own.vendor.vendorId })}`,
        codes: signed,
      },
      {
        name: 'a changed session',
        kind: 'terminal',
        prove: token(lastChanged(own.session)),
        codes: ['bad-key'],
      },
      {
        name: 'a session under another secret',
        kind: 'terminal',
        prove: token(sealSession(ownSession, new Uint8Array(32))),
        codes: ['bad-key'],
      },
      {
        name: 'a session that is over',
        kind: 'terminal',
        prove: token(sealSession({ ...ownSession, expiresAt: new Date(Date.now() - 1) }, secrets.session)),
        codes: ['session-expired'],
      },
      {
        name: 'a session of no terminal',
        kind: 'terminal',
        prove: token(
          sealSession({ ...ownSession, terminalNumber: 999_999n, expiresAt: later }, secrets.session),
        ),
        codes: ['terminal-unknown'],
      },
      {
        name: 'a registration’s password',
        kind: 'terminal',
        prove: async () => 'Basic dTpw',
        codes: ['unauthenticated'],
      },
    ];
    return proofs;
  }
});

interface Answer {
  readonly status: number;
  readonly code: string | undefined;
  readonly text: string;
}

/** Sends one request as it is, so that headers can be anything. */
async function send(url: string, route: Route, recipe: Recipe, prove: Proof): Promise<Answer> {
  const path = route.path.replaceAll(/:(\w+)/g, (_match, name: string) => recipe.params?.[name] ?? newId());
  const target = recipe.query === undefined ? path : `${path}?${recipe.query}`;
  const body = recipe.body === undefined ? undefined : JSON.stringify(recipe.body);
  const authorization = await prove({ method: route.method, path: target, body });
  const init: RequestInit = {
    method: route.method,
    headers: {
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(recipe.bytes === undefined ? {} : { 'content-type': 'application/octet-stream' }),
      ...(authorization === undefined ? {} : { authorization }),
    },
  };
  if (recipe.bytes !== undefined) {
    init.body = Buffer.from(recipe.bytes);
  } else if (body !== undefined) {
    init.body = body;
  }
  const response = await fetch(url + target, init);
  const text = await response.text();
  const isProblem = response.headers.get('content-type')?.startsWith('application/problem+json') ?? false;
  return { status: response.status, code: isProblem ? JSON.parse(text).code : undefined, text };
}

/** A token whose header says that it needs no signature. */
function unsigned(claims: object): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'none', typ: 'taika-request+jws' })}.${part(claims)}.`;
}
