import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '@taika/runtime/random';
import { challengeMs, checkChallenge, makeChallenge } from './challenge.ts';

const secret = new Uint8Array(32).fill(1);
const now = new Date('2026-11-22T12:00:00Z');
const later = (ms: number) => new Date(now.getTime() + ms);

test('a challenge is good for its key and its time', () => {
  const challenge = makeChallenge('key', { secret, now, random: seededRandom('a') });
  assert.deepEqual(checkChallenge(challenge, 'key', { secret, now: later(challengeMs - 1) }), {
    kind: 'ours',
    expiresAt: later(challengeMs),
  });
  assert.equal(checkChallenge(challenge, 'key', { secret, now: later(challengeMs) }).kind, 'expired');
  assert.equal(checkChallenge(challenge, 'another key', { secret, now }).kind, 'forged');
  assert.equal(checkChallenge(challenge, 'key', { secret: new Uint8Array(32), now }).kind, 'forged');
});

test('a challenge has one spelling, so that it cannot be used twice', () => {
  const challenge = makeChallenge('key', { secret, now, random: seededRandom('b') });
  for (const other of [`${challenge}=`, `${challenge} `, challenge.replace(/.$/, '+'), '', 'A']) {
    assert.equal(checkChallenge(other, 'key', { secret, now }).kind, 'forged', other);
  }
});
