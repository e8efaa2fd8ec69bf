import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Standing } from '../terminals/standing.ts';
import { absentAfterMs, type LastSeen, receiptState } from './receipt-state.ts';

const now = new Date('2026-11-22T12:00:00Z');
const before = (ms: number) => new Date(now.getTime() - ms);
const standing: Standing = {
  role: 'member',
  state: 'active',
  registrations: 1,
  limits: { cores: 1, memoryMiB: 256 },
};
const seen = (state: LastSeen['state'], ms: number, busyMs = -ms): LastSeen => ({
  state,
  seenAt: before(ms),
  busyUntil: before(-busyMs),
});

test('a terminal is what it last said, while it is heard of', () => {
  for (const state of ['computing', 'idle-no-work', 'paused', 'not-computing'] as const) {
    assert.equal(receiptState(standing, seen(state, 1_000), now), state);
    assert.equal(receiptState(standing, seen(state, absentAfterMs), now), state);
  }
});

test('silence is absence, unless the terminal is at work on what it holds', () => {
  assert.equal(receiptState(standing, undefined, now), 'absent');
  assert.equal(receiptState(standing, seen('computing', absentAfterMs + 1), now), 'absent');
  assert.equal(receiptState(standing, seen('computing', absentAfterMs + 1, 60_000), now), 'computing');
});

test('whoever may not compute is not computing, whatever was seen', () => {
  const withoutConsent = { ...standing, limits: undefined };
  assert.equal(receiptState(withoutConsent, seen('computing', 0), now), 'not-computing');
  assert.equal(receiptState({ ...standing, registrations: 0 }, seen('computing', 0), now), 'not-computing');
  assert.equal(receiptState(undefined, seen('computing', 0), now), 'not-computing');
});
