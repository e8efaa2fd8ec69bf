import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createCaller, RemoteError } from '@taika/http/call';
import { listJobs } from '@taika/protocol/dispatch/jobs';
import type { Clock } from '@taika/runtime/clock';
import type { Random } from '@taika/runtime/random';
import { patientCaller } from './patience.ts';

test('a server that never answered is given up soon, one that did is waited for', async () => {
  const { clock, server, caller } = setUp();
  server.awayUntilMs = Number.POSITIVE_INFINITY;
  await assert.rejects(caller.call(listJobs), RemoteError);
  assert.ok(clock.monotonicMs() < 6000, `${clock.monotonicMs()} ms`);

  server.awayUntilMs = 0;
  await caller.call(listJobs);
  server.awayUntilMs = clock.monotonicMs() + 40_000;
  assert.deepEqual(await caller.call(listJobs), { items: [] });
  assert.ok(clock.monotonicMs() >= server.awayUntilMs);

  server.awayUntilMs = Number.POSITIVE_INFINITY;
  const sinceMs = clock.monotonicMs();
  await assert.rejects(caller.call(listJobs), { code: 'unreachable' });
  assert.ok(clock.monotonicMs() - sinceMs >= 45_000);
});

test('a refusal is told at once', async () => {
  const { clock, server, caller } = setUp();
  server.status = 404;
  await assert.rejects(caller.call(listJobs), RemoteError);
  assert.equal(clock.monotonicMs(), 0);
});

function setUp() {
  let nowMs = 0;
  const clock: Clock = {
    now: () => new Date(nowMs),
    monotonicMs: () => nowMs,
    async sleep(ms) {
      nowMs += ms;
    },
  };
  const random: Random = { bytes: (length) => new Uint8Array(length), fraction: () => 0.5 };
  const server = { awayUntilMs: 0, status: 200 };
  const once = createCaller({
    baseUrl: 'http://grid.example',
    attemptsMax: 1,
    clock,
    random,
    fetch: async () => {
      if (nowMs < server.awayUntilMs) throw new TypeError('fetch failed');
      return Response.json(server.status === 200 ? { items: [] } : {}, { status: server.status });
    },
  });
  return { clock, server, caller: patientCaller(once, { patienceMs: 45_000, clock, random }) };
}
