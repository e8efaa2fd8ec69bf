import assert from 'node:assert/strict';
import test from 'node:test';
import { ApiError } from '@taika/http/api-error';
import { createCaller, RemoteError } from '@taika/http/call';
import { createRouter, declareRoute } from '@taika/http/declare-route';
import { listen } from '@taika/http/listen';
import { createHttpServer } from '@taika/http/server';
import { limits } from '@taika/protocol/limits';
import { defineRoute } from '@taika/protocol/route';
import { IntegerText } from '@taika/protocol/schema';
import { systemClock } from '@taika/runtime/clock';
import { type Logger, silentLogger } from '@taika/runtime/logger';
import { systemRandom } from '@taika/runtime/random';
import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';

const addThing = defineRoute({
  name: 'addThing',
  method: 'POST',
  path: '/v1/things/:name',
  access: ['public'],
  summary: 'Add a thing.',
  params: Type.Object({ name: Type.String({ pattern: '^[a-z]+$' }) }),
  query: Type.Object({ loud: Type.Optional(Type.Literal('yes')) }),
  body: Type.Object({ count: Type.Integer({ minimum: 1 }) }, { additionalProperties: false }),
  reply: Type.Object({ name: Type.String(), total: IntegerText, at: Type.Optional(Type.String()) }),
  status: 201,
});
const fail = defineRoute({
  name: 'fail',
  method: 'POST',
  path: '/v1/failures/:kind',
  access: ['public'],
  summary: 'Fail.',
  params: Type.Object({ kind: Type.String() }),
  reply: Type.Object({}),
});
const secret = defineRoute({
  name: 'secret',
  method: 'GET',
  path: '/v1/secret',
  access: ['operator'],
  summary: 'A secret.',
  reply: Type.Object({ who: Type.String() }),
});

function createExample(log: Logger = silentLogger): FastifyInstance {
  const app = createHttpServer({
    name: 'example',
    log,
    bodyBytesMax: 1000,
    openapi: { title: 'Example', version: '1' },
    readiness: async () => {},
  });
  declareRoute(app, addThing, ({ params, body }) => ({
    name: params.name,
    total: BigInt(body.count) * 10n ** 20n,
    at: new Date(0),
  }));
  const fails = new Map<string, number>();
  declareRoute(app, fail, ({ params: { kind } }) => {
    const count = (fails.get(kind) ?? 0) + 1;
    fails.set(kind, count);
    switch (kind) {
      case 'refused':
        throw new ApiError('wrong-state', 'It is done.', { extra: { state: 'done' } });
      case 'twice':
        if (count < 3) {
          throw new ApiError('unavailable');
        }
        return {};
      case 'value':
        throw Object.assign(new Error('invalid byte sequence'), { code: '22021' });
      default:
        throw new Error('the password is 12345');
    }
  });
  createRouter(app, async (request) => {
    if (request.headers.authorization !== 'Bearer let-me-in') {
      throw new ApiError('unauthenticated');
    }
    return { who: 'operator' };
  })(secret, ({ caller }) => caller);
  return app;
}

async function withServer(work: (url: string, app: FastifyInstance) => Promise<void>): Promise<void> {
  const app = createExample();
  try {
    await work((await listen(app, { port: 0 })).url, app);
  } finally {
    await app.close();
  }
}

const callerOf = (baseUrl: string) => createCaller({ baseUrl, clock: systemClock, random: systemRandom });

test('a value that the database cannot hold is the caller’s mistake, and its words stay here', async () => {
  await withServer(async (_url, app) => {
    const refused = await app.inject({ method: 'POST', url: '/v1/failures/value' });
    assert.equal(refused.json().code, 'bad-request');
    assert.ok(!refused.body.includes('byte sequence'));
    const payload = '{"count":1,"more":[{"deep":"\\ud800"}]}';
    const headers = { 'content-type': 'application/json' };
    const body = await app.inject({ method: 'POST', url: '/v1/things/one', headers, payload });
    assert.match(body.json().detail, /surrogate pair/);
  });
});

test('a caller gets the typed reply, with bigint and Date as text', () =>
  withServer(async (url) => {
    const reply = await callerOf(url).call(addThing, { params: { name: 'pen' }, body: { count: 3 } });
    assert.deepEqual(reply, { name: 'pen', total: '300000000000000000000', at: '1970-01-01T00:00:00.000Z' });
  }));

test('every bad input is a problem document that says what was expected where', () =>
  withServer(async (url) => {
    const json = { 'content-type': 'application/json' };
    const table: [string, RequestInit, number, string, RegExp][] = [
      ['/v1/things/pen', { method: 'POST', headers: json, body: '{' }, 400, 'bad-json', /./],
      [
        '/v1/things/pen',
        { method: 'POST', headers: json, body: new Uint8Array([34, 255, 34]) },
        400,
        'bad-json',
        /UTF-8/,
      ],
      [
        '/v1/things/pen',
        { method: 'POST', headers: json, body: '{"__proto__":{"a":1}}' },
        400,
        'bad-json',
        /proto/,
      ],
      [
        '/v1/things/pen',
        { method: 'POST', headers: json, body: '{"count":"3"}' },
        400,
        'bad-request',
        /body\/count must be integer/,
      ],
      [
        '/v1/things/pen',
        { method: 'POST', headers: json, body: '{"count":0}' },
        400,
        'bad-request',
        /body\/count must be >= 1/,
      ],
      [
        '/v1/things/pen',
        { method: 'POST', headers: json, body: '{}' },
        400,
        'bad-request',
        /body\/count is required/,
      ],
      [
        '/v1/things/pen',
        { method: 'POST', headers: json, body: '{"count":1,"b":2}' },
        400,
        'bad-request',
        /body\/b is not known here/,
      ],
      [
        '/v1/things/pen',
        { method: 'POST', headers: json, body: '' },
        400,
        'bad-request',
        /body must be object/,
      ],
      [
        '/v1/things/pen',
        { method: 'POST', headers: json, body: '[]' },
        400,
        'bad-request',
        /body must be object/,
      ],
      ['/v1/things/pen', { method: 'POST' }, 400, 'bad-request', /body must be object/],
      [
        '/v1/things/pen',
        { method: 'POST', headers: { 'content-type': 'text/plain' }, body: 'x' },
        400,
        'bad-request',
        /application\/json/,
      ],
      [
        '/v1/things/pen',
        { method: 'POST', headers: { 'content-type': 'application/octet-stream' }, body: 'x' },
        400,
        'bad-request',
        /body/,
      ],
      [
        '/v1/things/PEN',
        { method: 'POST', headers: json, body: '{"count":1}' },
        400,
        'bad-request',
        /params\/name must match pattern/,
      ],
      [
        '/v1/things/pen?loud=no',
        { method: 'POST', headers: json, body: '{"count":1}' },
        400,
        'bad-request',
        /query\/loud must be "yes"/,
      ],
      [
        '/v1/things/pen',
        { method: 'POST', headers: json, body: JSON.stringify({ a: 'x'.repeat(2000) }) },
        413,
        'too-large',
        /larger/,
      ],
      [
        '/v1/things/%E0%A4%A',
        { method: 'POST', headers: json, body: '{"count":1}' },
        404,
        'no-such-route',
        /path/,
      ],
      ['/v1/nothing', {}, 404, 'no-such-route', /GET \/v1\/nothing/],
      ['/v1/things/pen', { method: 'DELETE' }, 404, 'no-such-route', /DELETE/],
      ['/v1/secret', {}, 401, 'unauthenticated', /^$/],
    ];
    for (const [path, init, status, code, detail] of table) {
      const response = await fetch(url + path, init);
      const problem = (await response.json()) as Record<string, unknown>;
      const said = JSON.stringify(problem);
      assert.match(response.headers.get('content-type') ?? '', /^application\/problem\+json/);
      assert.equal(response.status, status, said);
      assert.equal(problem.code, code, said);
      assert.match(String(problem.detail ?? ''), detail);
      assert.equal(problem.requestId, response.headers.get('x-request-id'));
    }
  }));

test('a refusal reaches the caller with its code, its remedy and what was added', () =>
  withServer(async (url) => {
    await assert.rejects(callerOf(url).call(fail, { params: { kind: 'refused' } }), (error) => {
      assert.ok(error instanceof RemoteError);
      assert.equal(error.code, 'wrong-state');
      assert.equal(error.fault, 'caller');
      assert.equal(error.detail, 'It is done.');
      assert.equal(error.problem.state, 'done');
      assert.notEqual(error.remedy, '');
      return true;
    });
  }));

test('a body that no server takes is refused before it is sent', () =>
  withServer(async (url) => {
    const count = '1'.repeat(limits.jsonBodyBytesMax) as unknown as number;
    await assert.rejects(
      callerOf(url).call(addThing, { params: { name: 'pen' }, body: { count } }),
      (error) => {
        assert.ok(error instanceof RemoteError);
        assert.deepEqual([error.code, error.fault], ['too-large', 'caller']);
        assert.match(error.detail ?? '', /at most \d+ are taken/);
        return true;
      },
    );
  }));

test('our own mistake is logged with everything and tells the caller nothing', async () => {
  const logged: object[] = [];
  const app = createExample({ ...silentLogger, error: (fields) => logged.push(fields) });
  const response = await app.inject({ method: 'POST', url: '/v1/failures/bug' });
  assert.equal(response.statusCode, 500);
  assert.doesNotMatch(response.body, /12345/);
  assert.equal(response.json().code, 'internal');
  assert.match(String((logged[0] as { err: Error }).err.message), /12345/);
  await app.close();
});

test('what opens a signed address is never logged', async () => {
  const logged: object[] = [];
  const log = (fields: object) => {
    logged.push(fields);
  };
  const app = createExample({ ...silentLogger, error: log, warn: log, debug: log });
  for (const kind of ['bug', 'twice', 'refused']) {
    await app.inject({ method: 'POST', url: `/v1/failures/${kind}?until=9&%73ignature=opens-it` });
  }
  assert.deepEqual(
    logged.map((fields) => (fields as { path: string }).path),
    ['/v1/failures/bug', '/v1/failures/twice', '/v1/failures/refused'],
  );
  assert.doesNotMatch(JSON.stringify(logged), /opens-it/);
  await app.close();
});

test('a retryable refusal is tried again until it succeeds', () =>
  withServer(async (url) => {
    assert.deepEqual(await callerOf(url).call(fail, { params: { kind: 'twice' } }), {});
  }));

test('a server that cannot be reached is the error `unreachable`', async () => {
  const app = createExample();
  const { url } = await listen(app, { port: 0 });
  await app.close();
  const caller = createCaller({ baseUrl: url, clock: systemClock, random: systemRandom, attemptsMax: 2 });
  await assert.rejects(caller.call(secret), { code: 'unreachable', retryable: true, fault: 'network' });
});

test('the caller of a route is known to its handler', () =>
  withServer(async (url) => {
    const authorize = () => ({ authorization: 'Bearer let-me-in' });
    const caller = createCaller({ baseUrl: url, clock: systemClock, random: systemRandom, authorize });
    assert.deepEqual(await caller.call(secret), { who: 'operator' });
  }));

test('health, metrics and OpenAPI are served', () =>
  withServer(async (url) => {
    assert.equal((await fetch(`${url}/healthz`)).status, 200);
    assert.equal((await fetch(`${url}/readyz`)).status, 200);
    const metrics = await (await fetch(`${url}/metrics`)).text();
    assert.ok(metrics.includes('http_request_duration_seconds_count'));
    assert.ok(metrics.includes('route="/healthz",status="200"'));
    const document = (await (await fetch(`${url}/openapi.json`)).json()) as { paths: Record<string, object> };
    assert.deepEqual(Object.keys(document.paths), ['/v1/things/{name}', '/v1/failures/{kind}', '/v1/secret']);
  }));
