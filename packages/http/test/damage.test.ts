/** Bytes damaged on the way are an attempt that failed, at both ends, and never another request or answer. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createCaller, RemoteError } from '@taika/http/call';
import { declareRoute } from '@taika/http/declare-route';
import { listen } from '@taika/http/listen';
import { createHttpServer } from '@taika/http/server';
import { defineRoute } from '@taika/protocol/route';
import { systemClock } from '@taika/runtime/clock';
import { silentLogger } from '@taika/runtime/logger';
import { seededRandom, systemRandom } from '@taika/runtime/random';
import { Type } from 'typebox';

const Echo = Type.Object({ word: Type.String() });
const echo = defineRoute({
  name: 'echo',
  method: 'POST',
  path: '/v1/echo',
  access: ['public'],
  summary: 'Say it back.',
  body: Echo,
  reply: Echo,
});

test('whatever bit is flipped in either direction, the word arrives as it was said', async () => {
  const seed = process.env.SEED ?? '1';
  console.log(`SEED=${seed}`);
  const random = seededRandom(seed);
  await using server = await startEcho();
  let damaged = 0;
  const flip = (bytes: Buffer<ArrayBuffer>) => {
    if (random.fraction() < 0.5) return bytes;
    damaged++;
    const at = Math.floor(random.fraction() * bytes.length);
    bytes[at] = (bytes[at] ?? 0) ^ (1 << Math.floor(random.fraction() * 8));
    return bytes;
  };
  const caller = createCaller({
    baseUrl: server.url,
    clock: { ...systemClock, sleep: async () => {} },
    random: systemRandom,
    attemptsMax: 1000,
    fetch: async (input, init = {}) => {
      const response = await fetch(input, { ...init, body: flip(Buffer.from(String(init.body))) });
      const bytes = flip(Buffer.from(await response.arrayBuffer()));
      return new Response(bytes, { status: response.status, headers: response.headers });
    },
  });
  for (let turn = 0; turn < 100; turn++) {
    const word = `word ${turn}`;
    assert.deepEqual(await caller.call(echo, { body: { word } }), { word });
  }
  assert.ok(damaged > 100, String(damaged));
});

test('a damaged body is refused as such, and one without a digest is taken as it is', async () => {
  await using server = await startEcho();
  const send = async (headers: Record<string, string>) => {
    const response = await fetch(`${server.url}/v1/echo`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: '{"word":"a"}',
    });
    return { status: response.status, said: (await response.json()) as Record<string, unknown> };
  };
  const refused = await send({ 'content-digest': `sha-256=:${'A'.repeat(43)}=:` });
  assert.deepEqual(
    [refused.status, refused.said.code, refused.said.retryable],
    [400, 'digest-mismatch', true],
  );
  assert.equal((await send({})).status, 200);
  assert.equal((await send({ 'content-digest': 'sha-512=:AAAA:' })).status, 200);
});

test('a damaged answer was not received', async () => {
  await using server = await startEcho();
  const caller = createCaller({
    baseUrl: server.url,
    clock: systemClock,
    random: systemRandom,
    attemptsMax: 1,
    fetch: async (input, init) => {
      const response = await fetch(input, init);
      const text = (await response.text()).replace('"a"', '"b"');
      return new Response(text, { status: response.status, headers: response.headers });
    },
  });
  await assert.rejects(caller.call(echo, { body: { word: 'a' } }), (error) => {
    assert.ok(error instanceof RemoteError);
    assert.deepEqual([error.code, error.retryable], ['unreachable', true]);
    return true;
  });
});

async function startEcho(): Promise<AsyncDisposable & { readonly url: string }> {
  const app = createHttpServer({
    name: 'example',
    log: silentLogger,
    bodyBytesMax: 1000,
    openapi: { title: 'Example', version: '1' },
    readiness: async () => {},
  });
  declareRoute(app, echo, ({ body }) => body);
  const { url } = await listen(app, { host: '127.0.0.1', port: 0 });
  return { url, [Symbol.asyncDispose]: () => app.close() };
}
