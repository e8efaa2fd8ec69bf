import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  afterLicenseEvent,
  type Evidence,
  evidencePoints,
  judge,
  type LicenseEvent,
  type LicenseState,
  licenseEvents,
  licenseStates,
} from './license.ts';

const table: Record<LicenseState, Record<LicenseEvent, LicenseState>> = {
  licensed: {
    running: 'licensed',
    'not-running': 'not-computing',
    doubted: 'suspended',
    readmitted: 'licensed',
    lie: 'revoked',
    forgotten: 'ended',
  },
  'not-computing': {
    running: 'licensed',
    'not-running': 'not-computing',
    doubted: 'suspended',
    readmitted: 'not-computing',
    lie: 'revoked',
    forgotten: 'ended',
  },
  suspended: {
    running: 'suspended',
    'not-running': 'suspended',
    doubted: 'suspended',
    readmitted: 'not-computing',
    lie: 'revoked',
    forgotten: 'ended',
  },
  revoked: {
    running: 'revoked',
    'not-running': 'revoked',
    doubted: 'revoked',
    readmitted: 'revoked',
    lie: 'revoked',
    forgotten: 'ended',
  },
  ended: {
    running: 'ended',
    'not-running': 'ended',
    doubted: 'ended',
    readmitted: 'ended',
    lie: 'ended',
    forgotten: 'ended',
  },
};

test('a license goes from every state by every event where the table says', () => {
  for (const state of licenseStates) {
    for (const event of licenseEvents) {
      assert.equal(afterLicenseEvent(state, event), table[state][event], `${state} + ${event}`);
    }
  }
});

const evidence = (state: Evidence['state'], points: bigint, forfeitedMilli = 0n): Evidence => ({
  committedMilli: points,
  finalMilli: 0n,
  forfeitedMilli,
  state,
  issuedAt: new Date(0),
  reentries: 0,
});

test('evidence is judged by the policy: no work is goodwill, a pause counts as running', () => {
  const cases: [Evidence, bigint, string | undefined][] = [
    [evidence('computing', 0n), 0n, undefined],
    [evidence('computing', 1n), 1n, undefined],
    [evidence('computing', 0n), 1n, 'evidence-short'],
    [evidence('computing', 5n, 5n), 1n, 'evidence-short'],
    [evidence('paused', 0n), 0n, undefined],
    [evidence('paused', 0n), 1n, 'evidence-short'],
    [evidence('idle-no-work', 0n), 1000n, undefined],
    [evidence('not-computing', 1000n), 0n, 'not-computing'],
    [evidence('absent', 1000n), 0n, 'agent-not-seen'],
  ];
  for (const [given, pointsMilliMin, reason] of cases) {
    const judgement = judge(given, { pointsMilliMin });
    assert.equal(judgement.event === 'running' ? undefined : judgement.reason.code, reason, given.state);
  }
});

test('forfeited points never make the evidence negative', () => {
  assert.equal(evidencePoints(evidence('computing', 5n, 9n)), 0n);
});

test('a reason says how many points are asked and how many are there', () => {
  const judgement = judge(evidence('computing', 250n), { pointsMilliMin: 1500n });
  assert.ok(judgement.event === 'not-running');
  assert.match(judgement.reason.sentence, /asks for 1\.5 points .* there are 0\.25/);
});

test('a reason says what was forfeited, since it counts against what a terminal that was let in again computes', () => {
  const judgement = judge(evidence('computing', 2_000n, 1_500n), { pointsMilliMin: 1_000n });
  assert.ok(judgement.event === 'not-running');
  assert.match(
    judgement.reason.sentence,
    /asks for 1 points .* there are 0\.5 after 1\.5 that were forfeited\.$/,
  );
});
