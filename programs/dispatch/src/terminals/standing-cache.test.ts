import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createManualClock } from '@taika/runtime/manual-clock';
import type { Standing } from './standing.ts';
import { createStandingCache } from './standing-cache.ts';

const active: Standing = { role: 'member', state: 'active', registrations: 1, limits: undefined };
const revoked: Standing = { ...active, state: 'revoked' };

function createTable() {
  const rows = new Map<bigint, Standing>([[1n, active]]);
  const asked: bigint[][] = [];
  const read = async (terminalNumbers: readonly bigint[]) => {
    asked.push([...terminalNumbers]);
    return new Map([...rows].filter(([number]) => terminalNumbers.includes(number)));
  };
  const clock = createManualClock(new Date(0));
  return { rows, asked, clock, cache: createStandingCache(read, clock) };
}

test('many calls of one terminal are one question', async () => {
  const { asked, cache } = createTable();
  await Promise.all(Array.from({ length: 20 }, () => cache.find(1n)));
  await cache.find(1n);
  assert.deepEqual(asked, [[1n]]);
});

test('a change is known after a refresh, or when it is five seconds old', async () => {
  const { rows, clock, cache } = createTable();
  await cache.find(1n);
  rows.set(1n, revoked);
  assert.deepEqual(await cache.find(1n), active);
  await cache.refresh();
  assert.deepEqual(await cache.find(1n), revoked);
  rows.set(1n, active);
  await clock.advance(5_000);
  assert.deepEqual(await cache.find(1n), active);
});

test('what is forgotten is read anew, and an answer asked for before does not count', async () => {
  const { rows, clock } = createTable();
  const answers: (() => void)[] = [];
  const slow = createStandingCache(async () => {
    const seen = new Map(rows);
    await new Promise<void>((resolve) => answers.push(resolve));
    return seen;
  }, clock);
  const first = slow.find(1n);
  while (answers.length === 0) {
    await new Promise((resolve) => setImmediate(resolve));
  }
  await clock.advance(1);
  rows.set(1n, revoked);
  slow.forget(1n);
  answers[0]?.();
  await first;
  const second = slow.find(1n);
  while (answers.length === 1) {
    await new Promise((resolve) => setImmediate(resolve));
  }
  answers[1]?.();
  assert.deepEqual(await second, revoked);
});

test('an unknown terminal is asked for each time, and who has not called for a minute is dropped', async () => {
  const { asked, clock, cache } = createTable();
  assert.equal(await cache.find(9n), undefined);
  assert.equal(await cache.find(9n), undefined);
  assert.equal(asked.length, 2);
  await cache.find(1n);
  await clock.advance(61_000);
  await cache.refresh();
  assert.equal(asked.length, 3);
});
