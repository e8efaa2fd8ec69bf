import assert from 'node:assert/strict';
import { test } from 'node:test';
import { refusalOf, type Standing } from './standing.ts';

const limits = { cores: 2, memoryMiB: 512 };

test('a terminal has work only while it is active, registered and consented', () => {
  const cases: [Standing, ReturnType<typeof refusalOf>][] = [
    [{ state: 'active', registrations: 1, limits }, undefined],
    [{ state: 'active', registrations: 1, limits: undefined }, 'no-consent'],
    [{ state: 'active', registrations: 0, limits }, 'terminal-unknown'],
    [{ state: 'active', registrations: 0, limits: undefined }, 'terminal-unknown'],
    [{ state: 'revoked', registrations: 1, limits }, 'terminal-revoked'],
    [{ state: 'revoked', registrations: 0, limits: undefined }, 'terminal-revoked'],
  ];
  for (const [standing, refusal] of cases) {
    assert.equal(refusalOf(standing), refusal, JSON.stringify(standing));
  }
});
