import assert from 'node:assert/strict';
import { test } from 'node:test';
import { refusalOf, type Standing } from './standing.ts';

const limits = { cores: 2, memoryMiB: 512 };
const role = 'member';

test('a terminal has work only while it is active, registered and consented', () => {
  const cases: [Standing, ReturnType<typeof refusalOf>][] = [
    [{ role, state: 'active', registrations: 1, limits }, undefined],
    [{ role, state: 'active', registrations: 1, limits: undefined }, 'no-consent'],
    [{ role, state: 'active', registrations: 0, limits }, 'terminal-unknown'],
    [{ role, state: 'active', registrations: 0, limits: undefined }, 'terminal-unknown'],
    [{ role, state: 'revoked', registrations: 1, limits }, 'terminal-revoked'],
    [{ role, state: 'revoked', registrations: 0, limits: undefined }, 'terminal-revoked'],
  ];
  for (const [standing, refusal] of cases) {
    assert.equal(refusalOf(standing), refusal, JSON.stringify(standing));
  }
});

test('a terminal of the contractor’s own needs no registration and no consent, and can be revoked', () => {
  for (const own of ['reference', 'decoy'] as const) {
    const standing = { role: own, registrations: 0, limits: undefined };
    assert.equal(refusalOf({ ...standing, state: 'active' }), undefined);
    assert.equal(refusalOf({ ...standing, state: 'revoked' }), 'terminal-revoked');
  }
});
