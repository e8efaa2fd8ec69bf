import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Caller, createCaller, RemoteError } from '@taika/http/call';
import { type ErrorCode, errors } from '@taika/protocol/errors';
import { defineRoute } from '@taika/protocol/route';
import { systemClock } from '@taika/runtime/clock';
import { systemRandom } from '@taika/runtime/random';
import { isRefusal } from './dispatch-client.ts';

const route = defineRoute({ name: 'ask', method: 'GET', path: '/ask', access: ['public'], summary: 'Asks.' });

/** What a call throws whose one answer is this. */
async function thrownFor(status: number, body: string, type: string): Promise<unknown> {
  const caller: Caller = createCaller({
    baseUrl: 'http://contractor.invalid',
    fetch: async () => new Response(body, { status, headers: { 'content-type': type } }),
    clock: systemClock,
    random: systemRandom,
    attemptsMax: 1,
  });
  return caller.call(route).then(
    () => undefined,
    (error: unknown) => error,
  );
}

const ours = (code: string, retryable: boolean, status: number) =>
  thrownFor(status, JSON.stringify({ code, retryable, status }), 'application/problem+json');

test('an answer without our problem document is never a refusal, whatever its status', async () => {
  const bodies: readonly [string, string][] = [
    ['<html>520</html>', 'text/html'],
    ['', 'text/plain'],
    ['{}', 'application/json'],
    ['{"error":"forbidden","retryable":false}', 'application/json'],
    ['{"code":1020,"retryable":false}', 'application/json'],
    ['{"code":"blocked-by-policy","retryable":false}', 'application/problem+json'],
    ['null', 'application/json'],
  ];
  for (let status = 400; status < 600; status += 1) {
    for (const [body, type] of bodies) {
      const error = await thrownFor(status, body, type);
      assert.ok(error instanceof RemoteError);
      assert.equal(isRefusal(error), false, `${status} ${body}`);
    }
  }
});

test('each error of ours is a refusal when it is not retryable, under its own status only', async () => {
  for (const [code, { status, retryable }] of Object.entries(errors) as [
    ErrorCode,
    (typeof errors)[ErrorCode],
  ][]) {
    if (status === 0) {
      continue;
    }
    const isFinal = !retryable && status !== 401 && code !== 'no-such-route';
    assert.equal(isRefusal(await ours(code, retryable, status)), isFinal, code);
    assert.equal(isRefusal(await ours(code, retryable, 520)), false, `${code} under 520`);
  }
});

test('what is no answer is no refusal, and a body too large to send is one', () => {
  assert.equal(isRefusal(new Error('broken')), false);
  assert.equal(isRefusal(new RemoteError({ code: 'unreachable' }, { status: 0 })), false);
  assert.equal(isRefusal(new RemoteError({ retryable: false }, { status: 520 })), false);
  assert.equal(isRefusal(new RemoteError({ code: 'too-large' }, { status: 0 })), true);
});
