import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '@taika/runtime/random';
import { choosePartner } from './partner.ts';
import type { Candidate, Pool } from './state.ts';

const author: Candidate = { terminal: 1, member: 1, network: 10, week: 3 };

test('every eligible terminal is equally likely, and nobody else is chosen', () => {
  const pool = poolOf([
    { terminal: 1, member: 1, network: 10, week: 3 },
    { terminal: 2, member: 1, network: 11, week: 1 },
    { terminal: 3, member: 3, network: 10, week: 1 },
    { terminal: 4, member: 4, network: 12, week: 3 },
    { terminal: 5, member: 5, network: 13, week: 1 },
    { terminal: 6, member: 6, network: 0, week: 0 },
    { terminal: 7, member: 7, network: 14, week: 2 },
  ]);
  const random = seededRandom('partner');
  const chosen = new Map<number, number>();
  for (let draw = 0; draw < 6000; draw++) {
    const partner = choosePartner(stateOf(pool), random);
    assert.equal(partner.kind, 'terminal');
    if (partner.kind === 'terminal') chosen.set(partner.terminal, (chosen.get(partner.terminal) ?? 0) + 1);
  }
  assert.deepEqual([...chosen.keys()].sort(), [5, 6, 7]);
  for (const times of chosen.values()) assert.ok(times > 1850 && times < 2150, String(times));
});

test('the reference executor is the partner where nobody is eligible', () => {
  assert.deepEqual(choosePartner(stateOf(poolOf([author])), seededRandom('1')), { kind: 'reference' });
  assert.deepEqual(choosePartner(stateOf(poolOf([])), seededRandom('1')), { kind: 'reference' });
});

test('the week of registration does not count while most of the pool is of that week', () => {
  const pool = poolOf([
    { terminal: 2, member: 2, network: 11, week: 3 },
    { terminal: 3, member: 3, network: 12, week: 3 },
    { terminal: 4, member: 4, network: 13, week: 1 },
  ]);
  const random = seededRandom('week');
  const chosen = new Set<number>();
  for (let draw = 0; draw < 100; draw++) {
    const partner = choosePartner(stateOf(pool), random);
    if (partner.kind === 'terminal') chosen.add(partner.terminal);
  }
  assert.deepEqual([...chosen].sort(), [2, 3, 4]);
});

test('a member who had the run before is never asked for a copy of it', () => {
  const pool = poolOf([
    { terminal: 2, member: 2, network: 11, week: 1 },
    { terminal: 3, member: 3, network: 12, week: 1 },
    { terminal: 4, member: 3, network: 13, week: 1 },
  ]);
  const random = seededRandom('once');
  for (let draw = 0; draw < 100; draw++) {
    assert.deepEqual(choosePartner(stateOf(pool, [3]), random), { kind: 'terminal', terminal: 2 });
    assert.deepEqual(choosePartner(stateOf(pool, [2, 3]), random), { kind: 'reference' });
  }
});

function stateOf(pool: Pool, formerMembers: readonly number[] = []) {
  return { terminal: author, formerMembers, pool };
}

function poolOf(candidates: readonly Candidate[]): Pool {
  return {
    trusted: candidates.length,
    at: (index) => candidates[index] ?? author,
    inWeek: (week) => candidates.filter((candidate) => candidate.week === week).length,
  };
}
