/** The second axis of the table: every outcome of a copy × who computed it × where the author stands meanwhile. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decide } from './decide.ts';
import type { Effect } from './effect.ts';
import type { TrustEvent } from './event.ts';
import { exampleState, exampleTerminal } from './example-state.ts';
import type { Standing } from './state.ts';

type Copier = Standing | 'reference';

const compared = (comparison: 'equal' | 'other-bytes' | 'other-fuel'): TrustEvent => ({
  kind: 'compared',
  reason: 'random',
  comparison,
});
const judged = (isAuthorRight: boolean, isPartnerRight: boolean): TrustEvent => ({
  kind: 'judged',
  reason: 'random',
  isAuthorRight,
  isPartnerRight,
  dependsOnNan: false,
});
const conviction = 'revoke:1 forfeit:1 drop-open:1 recall:1';
const convictionOfPartner = 'revoke:2 forfeit:2 drop-open:2 recall:2';

/** For authors that are on probation or trusted, and for those that are revoked. */
const table: readonly (readonly [string, TrustEvent, Copier, string, string])[] = [
  ['equal', compared('equal'), 'reference', 'pass:1 finalize:1', 'settle'],
  ['equal', compared('equal'), 'trusted', 'pass:1 finalize:1', 'judge'],
  ['equal', compared('equal'), 'probation', 'audit:1', 'audit:1'],
  ['equal', compared('equal'), 'revoked', 'audit:1', 'audit:1'],
  ['other bytes', compared('other-bytes'), 'reference', 'judge:strict', 'judge:strict'],
  ['other bytes', compared('other-bytes'), 'trusted', 'judge:strict', 'judge:strict'],
  ['other bytes', compared('other-bytes'), 'probation', 'audit:1', 'audit:1'],
  ['other bytes', compared('other-bytes'), 'revoked', 'audit:1', 'audit:1'],
  ['other fuel', compared('other-fuel'), 'reference', 'judge:strict', 'judge:strict'],
  ['other fuel', compared('other-fuel'), 'trusted', 'judge:strict', 'judge:strict'],
  ['other fuel', compared('other-fuel'), 'probation', 'audit:1', 'audit:1'],
  ['other fuel', compared('other-fuel'), 'revoked', 'audit:1', 'audit:1'],
  [
    'both right',
    judged(true, true),
    'trusted',
    'pass:1 finalize:1 pass:2 finalize:2',
    'settle pass:2 finalize:2',
  ],
  [
    'both right',
    judged(true, true),
    'probation',
    'pass:1 finalize:1 pass:2 finalize:2',
    'settle pass:2 finalize:2',
  ],
  ['both right', judged(true, true), 'revoked', 'pass:1 finalize:1', 'settle'],
  ['author right', judged(true, false), 'reference', 'pass:1 finalize:1', 'settle'],
  [
    'author right',
    judged(true, false),
    'trusted',
    `pass:1 finalize:1 ${convictionOfPartner}`,
    `settle ${convictionOfPartner}`,
  ],
  [
    'author right',
    judged(true, false),
    'probation',
    `pass:1 finalize:1 ${convictionOfPartner}`,
    `settle ${convictionOfPartner}`,
  ],
  ['author right', judged(true, false), 'revoked', 'pass:1 finalize:1', 'settle'],
  [
    'partner right',
    judged(false, true),
    'trusted',
    `settle ${conviction} pass:2 finalize:2 expose-vouchers`,
    'settle pass:2 finalize:2 expose-vouchers',
  ],
  [
    'partner right',
    judged(false, true),
    'revoked',
    `settle ${conviction} expose-vouchers`,
    'settle expose-vouchers',
  ],
  [
    'both wrong',
    judged(false, false),
    'reference',
    `settle ${conviction} expose-vouchers`,
    'settle expose-vouchers',
  ],
  [
    'both wrong',
    judged(false, false),
    'trusted',
    `settle ${conviction} ${convictionOfPartner} expose-vouchers`,
    `settle ${convictionOfPartner} expose-vouchers`,
  ],
];

for (const [outcome, event, copier, standing, revoked] of table) {
  test(`${event.kind} (${outcome}) with a copier that is ${copier}: ${standing}; of a revoked author ${revoked}`, () => {
    const partner = copier === 'reference' ? null : exampleTerminal(2, copier);
    for (const author of ['probation', 'trusted', 'revoked'] as const) {
      const state = exampleState({ standing: author, passed: 100, drawn: 100, partner });
      const effects = decide(state, event, { fraction: () => 0.4 });
      assert.equal(nameEffects(effects), author === 'revoked' ? revoked : standing, author);
    }
  });
}

/** Of jobs in which no bit of a NaN can be seen. */
const strictTable: typeof table = [
  ...(['other-bytes', 'other-fuel'] as const).flatMap((comparison) => [
    [
      comparison,
      compared(comparison),
      'reference',
      `settle ${conviction} expose-vouchers`,
      'settle expose-vouchers',
    ] as const,
    [comparison, compared(comparison), 'trusted', 'judge', 'judge'] as const,
  ]),
  [
    'both wrong, one form',
    inOneForm(judged(false, false)),
    'trusted',
    `settle ${conviction} ${convictionOfPartner} expose-vouchers`,
    `settle ${convictionOfPartner} expose-vouchers`,
  ],
];

/** A judgement by one form of the program, of a job in which the bits of a NaN can be seen. */
const oneFormTable: typeof table = [
  [
    'both right',
    inOneForm(judged(true, true)),
    'trusted',
    'pass:1 finalize:1 pass:2 finalize:2',
    'settle pass:2 finalize:2',
  ],
  ['both right', inOneForm(judged(true, true)), 'reference', 'pass:1 finalize:1', 'settle'],
  ['author right', inOneForm(judged(true, false)), 'trusted', 'judge:strict', 'judge:strict'],
  ['author right', inOneForm(judged(true, false)), 'revoked', 'pass:1 finalize:1', 'settle'],
  ['partner right', inOneForm(judged(false, true)), 'trusted', 'judge:strict', 'judge:strict'],
  ['both wrong', inOneForm(judged(false, false)), 'trusted', 'judge:strict', 'judge:strict'],
  ['both wrong', inOneForm(judged(false, false)), 'revoked', 'judge:strict', 'judge:strict'],
  ['both wrong', inOneForm(judged(false, false)), 'reference', 'judge:strict', 'judge:strict'],
];

for (const [artefact, rows] of [
  ['strict', strictTable],
  ['fast', oneFormTable],
] as const) {
  for (const [outcome, event, copier, standing, revoked] of rows) {
    test(`of a ${artefact} job ${event.kind} (${outcome}), copier ${copier}: ${standing}; of a revoked author ${revoked}`, () => {
      const partner = copier === 'reference' ? null : exampleTerminal(2, copier);
      for (const author of ['probation', 'trusted', 'revoked'] as const) {
        const example = exampleState({ standing: author, passed: 100, drawn: 100, partner });
        const state = { ...example, job: { ...example.job, artefact } };
        const effects = decide(state, event, { fraction: () => 0.4 });
        assert.equal(nameEffects(effects), author === 'revoked' ? revoked : standing, author);
      }
    });
  }
}

function inOneForm(event: TrustEvent): TrustEvent {
  return event.kind === 'judged' ? { ...event, dependsOnNan: null } : event;
}

/** What each event about a decoy's run brings, by who computed the copy. */
const decoyTable: readonly (readonly [string, TrustEvent, Copier, string])[] = [
  ['equal', compared('equal'), 'trusted', 'judge'],
  ['equal', compared('equal'), 'probation', 'judge'],
  ['equal', compared('equal'), 'revoked', 'reissue'],
  ['equal', compared('equal'), 'reference', 'reissue'],
  ...(['trusted', 'probation', 'revoked', 'reference'] as const).flatMap((copier) => [
    ['other bytes', compared('other-bytes'), copier, 'reissue'] as const,
    ['other fuel', compared('other-fuel'), copier, 'reissue'] as const,
  ]),
  ['both wrong', judged(false, false), 'trusted', `${convictionOfPartner} reissue`],
  ['both wrong', judged(false, false), 'probation', `${convictionOfPartner} reissue`],
  ['both wrong', judged(false, false), 'revoked', 'reissue'],
  ['both wrong', judged(false, false), 'reference', 'reissue'],
  ['both right', judged(true, true), 'trusted', 'pass:2 finalize:2 reissue'],
  ['both right', judged(true, true), 'probation', 'pass:2 finalize:2 reissue'],
  ['both right', judged(true, true), 'revoked', 'reissue'],
  ['both wrong, one form', inOneForm(judged(false, false)), 'trusted', 'judge:strict'],
  ['both right, one form', inOneForm(judged(true, true)), 'trusted', 'pass:2 finalize:2 reissue'],
  ['lapsed', { kind: 'audit-lapsed', reason: 'decoy' }, 'reference', 'reissue'],
];

for (const [outcome, event, copier, expected] of decoyTable) {
  test(`a decoy’s run, ${event.kind} (${outcome}) with a copier that is ${copier}: ${expected}`, () => {
    const partner = copier === 'reference' ? null : exampleTerminal(2, copier);
    for (const standing of ['probation', 'trusted'] as const) {
      const state = exampleState({ isDecoy: true, standing, partner });
      assert.equal(nameEffects(decide(state, event, { fraction: () => 0.4 })), expected);
    }
  });
}

test('whoever agrees with a decoy that answered rightly loses nothing', () => {
  const state = exampleState({ isDecoy: true, partner: exampleTerminal(2, 'trusted') });
  const asked = decide(state, compared('equal'), { fraction: () => 0.4 });
  assert.deepEqual(asked, [{ kind: 'judge', reason: 'decoy', strict: false }]);
  const effects = decide(state, judged(true, true), { fraction: () => 0.4 });
  assert.ok(effects.every(({ kind }) => kind !== 'revoke' && kind !== 'forfeit' && kind !== 'drop-open'));
});

function nameEffects(effects: readonly Effect[]): string {
  return effects
    .map((effect) => {
      if (effect.kind === 'judge' && effect.strict) return 'judge:strict';
      return 'terminal' in effect ? `${effect.kind}:${effect.terminal}` : effect.kind;
    })
    .join(' ');
}

for (const [poolSize, by] of [
  [39, 'reference'],
  [40, 'terminal'],
] as const) {
  test(`a newcomer whose checker is no longer trusted is checked by a ${by} in a pool of ${poolSize}`, () => {
    const state = exampleState({ standing: 'probation', partner: exampleTerminal(2, 'probation'), poolSize });
    const event = { kind: 'compared', reason: 'probation', comparison: 'equal' } as const;
    const [effect] = decide(state, event, { fraction: () => 0.5 });
    assert.equal(effect?.kind === 'audit' ? effect.by.kind : effect?.kind, by);
  });
}
