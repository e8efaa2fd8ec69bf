import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decide } from './decide.ts';
import type { Effect } from './effect.ts';
import { eventKinds, type TrustEvent } from './event.ts';
import { exampleState, exampleTerminal } from './example-state.ts';
import type { Standing } from './state.ts';

/** Every kind of event in one or more forms; the partner is TRUSTED, the draw is 0.5, so that nothing is audited by chance. */
const cases: readonly (readonly [string, TrustEvent, Readonly<Record<Standing, string>>])[] = [
  ['asked', { kind: 'asked' }, { probation: 'issue', trusted: 'issue', revoked: 'withhold' }],
  [
    'committed',
    { kind: 'committed', fuel: 100n, typicalFuel: 100n, isCritical: false },
    { probation: 'quarantine audit:probation', trusted: 'quarantine', revoked: 'reissue' },
  ],
  [
    'committed with odd fuel',
    { kind: 'committed', fuel: 501n, typicalFuel: 100n, isCritical: false },
    { probation: 'quarantine audit:probation', trusted: 'quarantine audit:odd-fuel', revoked: 'reissue' },
  ],
  [
    'committed, critical',
    { kind: 'committed', fuel: 100n, typicalFuel: null, isCritical: true },
    { probation: 'quarantine audit:critical', trusted: 'quarantine audit:critical', revoked: 'reissue' },
  ],
  [
    'computed by the reference executor',
    { kind: 'referred' },
    { probation: 'settle', trusted: 'settle', revoked: 'settle' },
  ],
  [
    'compared equal',
    { kind: 'compared', reason: 'random', comparison: 'equal' },
    { probation: 'pass finalize', trusted: 'pass finalize', revoked: 'judge' },
  ],
  [
    'compared equal, critical',
    { kind: 'compared', reason: 'critical', comparison: 'equal' },
    { probation: 'judge', trusted: 'judge', revoked: 'judge' },
  ],
  [
    'compared equal in a recall',
    { kind: 'compared', reason: 'recall', comparison: 'equal' },
    { probation: 'pass finalize', trusted: 'pass finalize', revoked: 'ignore' },
  ],
  [
    'compared with other fuel',
    { kind: 'compared', reason: 'random', comparison: 'other-fuel' },
    { probation: 'judge:strict', trusted: 'judge:strict', revoked: 'judge:strict' },
  ],
  [
    'compared with other bytes',
    { kind: 'compared', reason: 'random', comparison: 'other-bytes' },
    { probation: 'judge:strict', trusted: 'judge:strict', revoked: 'judge:strict' },
  ],
  [
    'judged right',
    judged({ isAuthorRight: true, isPartnerRight: true }),
    {
      probation: 'pass finalize pass finalize',
      trusted: 'pass finalize pass finalize',
      revoked: 'settle pass finalize',
    },
  ],
  [
    'judged wrong',
    judged({ isAuthorRight: false, isPartnerRight: true }),
    {
      probation: 'settle revoke forfeit drop-open recall pass finalize expose-vouchers',
      trusted: 'settle revoke forfeit drop-open recall pass finalize expose-vouchers',
      revoked: 'settle pass finalize expose-vouchers',
    },
  ],
  [
    'judged right, the partner wrong',
    judged({ isAuthorRight: true, isPartnerRight: false }),
    {
      probation: 'pass finalize revoke forfeit drop-open recall',
      trusted: 'pass finalize revoke forfeit drop-open recall',
      revoked: 'settle revoke forfeit drop-open recall',
    },
  ],
  [
    'judged, but NaN bits decide',
    { ...judged({ isAuthorRight: false, isPartnerRight: false }), dependsOnNan: true },
    { probation: 'use-strict', trusted: 'use-strict', revoked: 'use-strict' },
  ],
  [
    'judged wrong by one form',
    { ...judged({ isAuthorRight: false, isPartnerRight: true }), dependsOnNan: null },
    { probation: 'judge:strict', trusted: 'judge:strict', revoked: 'judge:strict' },
  ],
  [
    'audit lapsed',
    { kind: 'audit-lapsed', reason: 'random' },
    { probation: 'audit:random', trusted: 'audit:random', revoked: 'reissue' },
  ],
  [
    'damaged',
    { kind: 'damaged' },
    { probation: 'retry-transfer', trusted: 'retry-transfer', revoked: 'retry-transfer' },
  ],
  [
    'returned by two',
    { kind: 'returned', members: 2 },
    { probation: 'reissue', trusted: 'reissue', revoked: 'reissue' },
  ],
  [
    'returned by three',
    { kind: 'returned', members: 3 },
    { probation: 'fail-unit', trusted: 'fail-unit', revoked: 'fail-unit' },
  ],
  [
    'picked',
    { kind: 'picked', reason: 'recall' },
    { probation: 'audit:recall', trusted: 'audit:recall', revoked: 'audit:recall' },
  ],
  [
    'job ended',
    { kind: 'job-ended', open: 1000, checked: 100 },
    { probation: 'flush', trusted: 'flush', revoked: 'ignore' },
  ],
  [
    'job ended, enough checked',
    { kind: 'job-ended', open: 100, checked: 100 },
    { probation: 'finalize-job', trusted: 'finalize-job', revoked: 'ignore' },
  ],
  [
    'flush passed',
    { kind: 'flush-passed' },
    { probation: 'finalize-job', trusted: 'finalize-job', revoked: 'ignore' },
  ],
  [
    'lie proven',
    { kind: 'lie-proven' },
    {
      probation: 'revoke forfeit drop-open recall',
      trusted: 'revoke forfeit drop-open recall',
      revoked: 'ignore',
    },
  ],
  [
    'recall ended, one wrong',
    { kind: 'recall-ended', wrong: 1, checked: 900, isIsolated: true },
    { probation: 'ignore', trusted: 'ignore', revoked: 'start-probation' },
  ],
  [
    'recall ended, two wrong',
    { kind: 'recall-ended', wrong: 2, checked: 900, isIsolated: true },
    { probation: 'ignore', trusted: 'ignore', revoked: 'ignore' },
  ],
  [
    'seen after a month and a day',
    { kind: 'seen', idleDurationMs: 31 * 86_400_000 },
    { probation: 'start-probation', trusted: 'start-probation', revoked: 'ignore' },
  ],
  [
    'seen after a day',
    { kind: 'seen', idleDurationMs: 86_400_000 },
    { probation: 'ignore', trusted: 'ignore', revoked: 'ignore' },
  ],
  [
    'updated',
    { kind: 'updated' },
    { probation: 'start-probation', trusted: 'start-probation', revoked: 'ignore' },
  ],
];

for (const [name, event, expected] of cases) {
  for (const standing of ['probation', 'trusted', 'revoked'] as const) {
    test(`${name}, of a terminal that is ${standing}: ${expected[standing]}`, () => {
      const state = exampleState({
        standing,
        passed: 100,
        drawn: 100,
        partner: exampleTerminal(2, 'trusted'),
      });
      assert.equal(nameEffects(decide(state, event, noChance)), expected[standing]);
    });
  }
}

test('the table has every kind of event', () => {
  assert.deepEqual([...new Set(cases.map(([, { kind }]) => kind))].sort(), [...eventKinds].sort());
});

test('the twentieth passed check ends probation and vests what was pending', () => {
  const state = exampleState({ standing: 'probation', probationPassed: 19, passed: 19, drawn: 20 });
  const effects = decide(state, { kind: 'compared', reason: 'probation', comparison: 'equal' }, noChance);
  assert.equal(nameEffects(effects), 'pass trust finalize');
  assert.deepEqual(effects.at(-1), { kind: 'finalize', terminal: 1, passed: 20, isVested: true });
});

test('a newcomer is checked by the reference executor while fewer than 40 terminals are trusted', () => {
  const event = { kind: 'committed', fuel: 1n, typicalFuel: null, isCritical: false } as const;
  const auditor = (poolSize: number) =>
    decide(exampleState({ standing: 'probation', poolSize }), event, noChance).find(
      ({ kind }) => kind === 'audit',
    );
  assert.deepEqual(auditor(39), {
    kind: 'audit',
    terminal: 1,
    reason: 'probation',
    by: { kind: 'reference' },
    isDrawn: true,
  });
  assert.deepEqual(auditor(40), {
    kind: 'audit',
    terminal: 1,
    reason: 'probation',
    by: { kind: 'terminal', terminal: 117 },
    isDrawn: true,
  });
});

test('a result is final only after A audits that were drawn later than it', () => {
  const event = { kind: 'committed', fuel: 1n, typicalFuel: null, isCritical: false } as const;
  const finalAfter = (fraction: number) =>
    decide(exampleState({ passed: 300, drawn: 305 }), event, { fraction: () => fraction }).find(
      ({ kind }) => kind === 'quarantine',
    );
  assert.deepEqual(finalAfter(0.5), { kind: 'quarantine', terminal: 1, finalAfter: 405 });
  // Its own audit is not one of them.
  assert.deepEqual(finalAfter(0), { kind: 'quarantine', terminal: 1, finalAfter: 406 });
});

test('a partner that is no longer trusted cannot vouch: another is asked', () => {
  for (const standing of ['probation', 'revoked'] as const) {
    const state = exampleState({ partner: exampleTerminal(2, standing) });
    const effects = decide(state, { kind: 'compared', reason: 'random', comparison: 'equal' }, noChance);
    assert.equal(nameEffects(effects), 'audit:random');
  }
});

test('the reference executor revokes without a judge, except where NaN bits may be the cause', () => {
  const compare = (comparison: 'other-bytes' | 'other-fuel', artefact: 'fast' | 'strict') => {
    const state = exampleState();
    const event = { kind: 'compared', reason: 'random', comparison } as const;
    return nameEffects(decide({ ...state, job: { ...state.job, artefact } }, event, noChance));
  };
  for (const comparison of ['other-bytes', 'other-fuel'] as const) {
    assert.equal(compare(comparison, 'strict'), 'settle revoke forfeit drop-open recall expose-vouchers');
    assert.equal(compare(comparison, 'fast'), 'judge:strict');
  }
});

test('a fault that looks like hardware is forgiven once', () => {
  const event = { kind: 'recall-ended', wrong: 1, checked: 900, isIsolated: true } as const;
  const kinds = (reentries: number) =>
    nameEffects(decide(exampleState({ standing: 'revoked', reentries }), event, noChance));
  assert.equal(kinds(0), 'start-probation');
  assert.equal(kinds(1), 'ignore');
});

test('newcomers get a fifth and a member a tenth of a job once the pool is established', () => {
  const asked = (standing: Standing, newcomerRuns: number, memberRuns: number, poolSize: number) => {
    const state = exampleState({ standing, poolSize });
    return decide(
      { ...state, job: { ...state.job, newcomerRuns, memberRuns } },
      { kind: 'asked' },
      noChance,
    )[0];
  };
  assert.deepEqual(asked('probation', 199, 0, 40), { kind: 'issue' });
  assert.deepEqual(asked('probation', 200, 0, 40), { kind: 'withhold', reason: 'newcomer-share' });
  assert.deepEqual(asked('trusted', 200, 99, 40), { kind: 'issue' });
  assert.deepEqual(asked('trusted', 200, 100, 40), { kind: 'withhold', reason: 'member-share' });
  assert.deepEqual(asked('probation', 999, 999, 39), { kind: 'issue' });
});

const noChance = { fraction: () => 0.4 };

function judged(verdict: { isAuthorRight: boolean; isPartnerRight: boolean }) {
  return { kind: 'judged', reason: 'random', dependsOnNan: false, ...verdict } as const;
}

function nameEffects(effects: readonly Effect[]): string {
  return effects
    .map((effect) => {
      if (effect.kind === 'audit') return `audit:${effect.reason}`;
      return effect.kind === 'judge' && effect.strict ? 'judge:strict' : effect.kind;
    })
    .join(' ');
}
