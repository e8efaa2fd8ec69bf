import type { AuditReason, Comparison, TrustEvent } from './event.ts';
import type { Standing } from './state.ts';

export const standings = ['probation', 'trusted', 'revoked'] as const;
const reasons = [
  'probation',
  'random',
  'odd-fuel',
  'critical',
  'flush',
  'decoy',
  'recall',
  'vouched',
] as const satisfies readonly AuditReason[];
const comparisons = ['equal', 'other-bytes', 'other-fuel'] as const satisfies readonly Comparison[];

/** Nobody, fewer than the forty that may check newcomers, and enough. */
export const pools = { empty: 0, young: 39, established: 50 } as const;

export interface Case {
  readonly event: TrustEvent;
  /** The event's form in words. */
  readonly form: string;
  readonly author: Who;
  readonly partner: Who | 'none';
  readonly artefact: 'fast' | 'strict';
  readonly pool: keyof typeof pools;
  /** Whether the draw hits: it is below q, or far above. */
  readonly draw: 'hit' | 'miss';
}

/** A decoy is a decoy wherever it stands, but for one whose right was taken and who commits or asks. */
export type Who = Standing | 'decoy' | 'revoked decoy';

/** A row of the table: the first five columns are patterns, lists of what they match; what is left out matches all. */
export interface Row {
  readonly form: string | readonly string[];
  readonly author?: string;
  readonly partner?: string;
  readonly artefact?: Case['artefact'];
  readonly pool?: string;
  readonly draw?: Case['draw'];
  readonly due: string;
}

const decoys = 'decoy,revoked decoy';
const anyMember = 'probation,trusted,revoked';
const silent = 'none,revoked,decoy,revoked decoy';
const convicted = (who: 'a' | 'p', cause: string) =>
  `${who}.revoke:${cause} ${who}.forfeit ${who}.drop-open ${who}.recall`;

const compared = (comparison: Comparison, those: readonly AuditReason[] = reasons) =>
  those.map((reason) => `compared ${comparison} ${reason}`);
const except = (...left: readonly AuditReason[]) => reasons.filter((reason) => !left.includes(reason));

/** What passing brings: points at once only to who is trusted. */
const passes = { probation: 'a.pass+drawn a.finalize', trusted: 'a.pass+drawn a.finalize+vested' } as const;
const copierPasses = { probation: 'p.pass p.finalize', trusted: 'p.pass p.finalize+vested' } as const;

/** By both forms, or where there is but one that matters. */
const judgedByEveryForm: readonly (Row & { readonly form: string })[] = [
  ...(
    [
      ['judged right right', 'p.pass p.finalize', 'p.pass p.finalize+vested'],
      ['judged wrong right', 'p.pass p.finalize', 'p.pass p.finalize+vested'],
      ['judged right wrong', convicted('p', 'agreed-with-a-decoy'), convicted('p', 'agreed-with-a-decoy')],
      ['judged wrong wrong', convicted('p', 'agreed-with-a-decoy'), convicted('p', 'agreed-with-a-decoy')],
    ] as const
  ).flatMap(([form, newcomer, trusted]): (Row & { readonly form: string })[] => [
    { form, author: decoys, partner: 'probation', due: `${newcomer} reissue` },
    { form, author: decoys, partner: 'trusted', due: `${trusted} reissue` },
    { form, author: decoys, partner: silent, due: 'reissue' },
  ]),
  ...(
    [
      ['probation', passes.probation, `settle ${convicted('a', 'wrong-result')}`],
      ['trusted', passes.trusted, `settle ${convicted('a', 'wrong-result')}`],
      ['revoked', 'settle', 'settle'],
    ] as const
  ).flatMap(([author, right, wrong]): (Row & { readonly form: string })[] =>
    (
      [
        ['probation', copierPasses.probation, convicted('p', 'wrong-audit')],
        ['trusted', copierPasses.trusted, convicted('p', 'wrong-audit')],
        [silent, '', ''],
      ] as const
    ).flatMap(([partner, partnerRight, partnerWrong]): (Row & { readonly form: string })[] => {
      const who = { author, partner };
      return [
        { form: 'judged right right', ...who, due: `${right} ${partnerRight}` },
        { form: 'judged right wrong', ...who, due: `${right} ${partnerWrong}` },
        // Vouchers last, so that nobody who is convicted here is convicted again as one.
        { form: 'judged wrong right', ...who, due: `${wrong} ${partnerRight} expose-vouchers` },
        { form: 'judged wrong wrong', ...who, due: `${wrong} ${partnerWrong} expose-vouchers` },
      ];
    }),
  ),
];

export const rows: readonly Row[] = [
  // A right that was taken earns no work; a decoy gets work like anybody.
  { form: 'asked', author: 'probation,trusted,decoy', due: 'issue' },
  { form: 'asked', author: 'revoked,revoked decoy', due: 'withhold:revoked' },

  // A commit. Newcomers are always checked; in a young pool by the reference, since its first members could be one ring.
  ...(['plain', 'odd', 'critical'] as const).flatMap((form): Row[] => {
    const reason = form === 'critical' ? 'critical' : 'probation';
    const newcomer = { form: `committed ${form}`, author: 'probation' } as const;
    return [
      { ...newcomer, pool: 'empty,young', due: `a.quarantine a.audit:${reason}>reference+drawn` },
      { ...newcomer, pool: 'established', due: `a.quarantine a.audit:${reason}>terminal+drawn` },
      { form: `committed ${form}`, author: 'revoked,revoked decoy', due: 'reissue' },
      // A lie of ours that nobody is there to be asked about is only a lie.
      { form: `committed ${form}`, author: 'decoy', pool: 'empty', due: 'reissue' },
      {
        form: `committed ${form}`,
        author: 'decoy',
        pool: 'young,established',
        due: 'a.audit:decoy>terminal',
      },
    ];
  }),
  { form: 'committed plain', author: 'trusted', draw: 'miss', due: 'a.quarantine' },
  ...(
    [
      ['committed plain', 'hit', 'random'],
      ['committed odd', 'hit', 'random'],
      ['committed odd', 'miss', 'odd-fuel'],
      ['committed critical', 'hit', 'critical'],
      ['committed critical', 'miss', 'critical'],
    ] as const
  ).flatMap(([form, draw, reason]): Row[] => [
    { form, author: 'trusted', draw, pool: 'empty', due: `a.quarantine a.audit:${reason}>reference+drawn` },
    {
      form,
      author: 'trusted',
      draw,
      pool: 'young,established',
      due: `a.quarantine a.audit:${reason}>terminal+drawn`,
    },
  ]),

  // What the reference computed itself is true.
  { form: 'referred', due: 'settle' },

  // The reference's copy: its word is enough, but where NaN may explain what differs.
  { form: compared('equal'), author: 'probation', partner: 'none', due: passes.probation },
  { form: compared('equal'), author: 'trusted', partner: 'none', due: passes.trusted },
  { form: compared('equal'), author: 'revoked', partner: 'none', due: 'settle' },
  ...(['other-bytes', 'other-fuel'] as const).flatMap((comparison): Row[] => [
    {
      form: compared(comparison),
      author: anyMember,
      partner: 'none',
      artefact: 'fast',
      due: 'judge:same+strict',
    },
    {
      form: compared(comparison),
      author: 'probation,trusted',
      partner: 'none',
      artefact: 'strict',
      due: `settle ${convicted('a', 'wrong-result')} expose-vouchers`,
    },
    {
      form: compared(comparison),
      author: 'revoked',
      partner: 'none',
      artefact: 'strict',
      due: 'settle expose-vouchers',
    },
  ]),

  // A trusted partner's copy: it can vouch, and never convict.
  {
    form: compared('equal', except('critical')),
    author: 'probation',
    partner: 'trusted',
    due: passes.probation,
  },
  {
    form: compared('equal', except('critical')),
    author: 'trusted',
    partner: 'trusted',
    due: passes.trusted,
  },
  {
    form: compared('equal', ['critical']),
    author: 'probation,trusted',
    partner: 'trusted',
    due: 'judge:same',
  },
  {
    form: compared('equal', ['recall']),
    author: 'revoked',
    partner: 'trusted',
    due: 'ignore:already-settled',
  },
  { form: compared('equal', except('recall')), author: 'revoked', partner: 'trusted', due: 'judge:vouched' },
  ...(['other-bytes', 'other-fuel'] as const).flatMap((comparison): Row[] => {
    const differs = { form: compared(comparison), author: anyMember, partner: 'trusted' } as const;
    return [
      { ...differs, artefact: 'strict', due: 'judge:same' },
      { ...differs, artefact: 'fast', due: 'judge:same+strict' },
    ];
  }),
  ...reasons.flatMap((reason): Row[] => [
    // Nobody else's word is one: somebody who can vouch is asked, for a newcomer of a young pool the reference.
    ...comparisons.flatMap((comparison): Row[] => {
      const form = `compared ${comparison} ${reason}`;
      const mute = 'probation,revoked,decoy,revoked decoy';
      const asked = (by: string) => `a.audit:${reason}>${by}`;
      // Who vouched may be an accomplice.
      if (reason === 'vouched') return [{ form, author: anyMember, partner: mute, due: asked('reference') }];
      return [
        { form, author: 'trusted,revoked', partner: mute, pool: 'empty', due: asked('reference') },
        {
          form,
          author: 'trusted,revoked',
          partner: mute,
          pool: 'young,established',
          due: asked('terminal'),
        },
        { form, author: 'probation', partner: mute, pool: 'empty,young', due: asked('reference') },
        { form, author: 'probation', partner: mute, pool: 'established', due: asked('terminal') },
      ];
    }),
  ]),

  // A decoy's run goes out again whatever is said; who agrees with it is suspected, and the reference asked.
  { form: compared('equal'), author: decoys, partner: 'probation,trusted', due: 'judge:decoy' },
  { form: compared('equal'), author: decoys, partner: silent, due: 'reissue' },
  { form: [...compared('other-bytes'), ...compared('other-fuel')], author: decoys, due: 'reissue' },

  // The reference's judgement. Of nobody who is revoked or ours is anything taken, and nothing given.
  { form: 'judged nan', due: 'use-strict' },
  ...judgedByEveryForm,
  // One form's word finds people right. Where NaN may be seen, it finds nobody wrong: every form is asked then.
  ...judgedByEveryForm.flatMap((row): Row[] => {
    const form = row.form.replace('judged', 'judged-by-one');
    const isWrong = form.includes(' wrong ') || (form.endsWith(' wrong') && row.partner !== silent);
    return isWrong
      ? [
          { ...row, form, artefact: 'strict' },
          { ...row, form, artefact: 'fast', due: 'judge:same+strict' },
        ]
      : [{ ...row, form }];
  }),

  // A copy that does not come is computed by the reference; what is not in any more goes out again.
  ...reasons.flatMap((reason): Row[] => [
    { form: `lapsed ${reason}`, author: 'probation,trusted', due: `a.audit:${reason}>reference` },
    {
      form: `lapsed ${reason}`,
      author: 'revoked',
      due: reason === 'recall' ? 'a.audit:recall>reference' : 'reissue',
    },
    { form: `lapsed ${reason}`, author: decoys, due: 'reissue' },
  ]),

  { form: 'damaged', due: 'retry-transfer' },
  { form: 'returned by two', due: 'reissue' },
  { form: 'returned by three', due: 'fail-unit' },

  // Picked for a copy. Who vouched may be an accomplice, so that copy is the reference's.
  { form: 'picked vouched', author: anyMember, due: 'a.audit:vouched>reference' },
  ...(
    [
      ['flush', '+drawn'],
      ['recall', ''],
    ] as const
  ).flatMap(([reason, drawn]): Row[] => {
    const form = `picked ${reason}`;
    const by = (who: string) => `a.audit:${reason}>${who}${drawn}`;
    return [
      { form, author: 'probation', pool: 'empty,young', due: by('reference') },
      { form, author: 'probation', pool: 'established', due: by('terminal') },
      { form, author: 'trusted,revoked', pool: 'empty', due: by('reference') },
      { form, author: 'trusted,revoked', pool: 'young,established', due: by('terminal') },
    ];
  }),
  { form: ['picked flush', 'picked recall', 'picked vouched'], author: decoys, due: 'ignore:decoy' },

  // The job's end. Nothing of a liar or of ours becomes final by it.
  { form: 'job-ended unchecked', author: 'probation,trusted', due: 'a.flush' },
  { form: ['job-ended checked', 'flush-passed'], author: 'probation', due: 'a.finalize-job' },
  { form: ['job-ended checked', 'flush-passed'], author: 'trusted', due: 'a.finalize-job+vested' },
  {
    form: ['job-ended unchecked', 'job-ended checked', 'flush-passed'],
    author: 'revoked',
    due: 'ignore:revoked',
  },
  {
    form: ['job-ended unchecked', 'job-ended checked', 'flush-passed'],
    author: decoys,
    due: 'ignore:decoy',
  },

  { form: 'lie-proven', author: 'probation,trusted', due: convicted('a', 'vouched-for-a-lie') },
  { form: 'lie-proven', author: 'revoked', due: 'ignore:revoked' },
  { form: 'lie-proven', author: decoys, due: 'ignore:decoy' },

  // One wrong result among two hundred, and no friends: hardware.
  { form: 'recall-ended hardware', author: 'revoked,revoked decoy', due: 'a.start-probation:reentry' },
  { form: 'recall-ended hardware', author: 'probation,trusted,decoy', due: 'ignore:not-hardware' },
  {
    form: ['recall-ended two wrong', 'recall-ended with a friend', 'recall-ended too few'],
    due: 'ignore:not-hardware',
  },

  { form: 'seen soon', due: 'ignore:standing-unchanged' },
  { form: 'seen late', author: 'probation,trusted,decoy', due: 'a.start-probation:idle' },
  { form: 'updated', author: 'probation,trusted,decoy', due: 'a.start-probation:updated' },
  { form: ['seen late', 'updated'], author: 'revoked,revoked decoy', due: 'ignore:revoked' },
];

export const forms: readonly (readonly [string, TrustEvent])[] = [
  ['asked', { kind: 'asked' }],
  ['committed plain', { kind: 'committed', fuel: 100n, typicalFuel: 100n, isCritical: false }],
  ['committed odd', { kind: 'committed', fuel: 501n, typicalFuel: 100n, isCritical: false }],
  ['committed critical', { kind: 'committed', fuel: 100n, typicalFuel: null, isCritical: true }],
  ['referred', { kind: 'referred' }],
  ...reasons.flatMap((reason) =>
    comparisons.map(
      (comparison) => [`compared ${comparison} ${reason}`, { kind: 'compared', reason, comparison }] as const,
    ),
  ),
  ...reasons.flatMap((reason) =>
    [true, false].flatMap((isAuthorRight) =>
      [true, false].flatMap((isPartnerRight) =>
        [true, false, null].map((dependsOnNan) => {
          const verdict = `${isAuthorRight ? 'right' : 'wrong'} ${isPartnerRight ? 'right' : 'wrong'}`;
          const event = { kind: 'judged', reason, isAuthorRight, isPartnerRight, dependsOnNan } as const;
          const form = dependsOnNan === null ? `judged-by-one ${verdict}` : `judged ${verdict}`;
          return [dependsOnNan === true ? 'judged nan' : form, event] as const;
        }),
      ),
    ),
  ),
  ...reasons.map((reason) => [`lapsed ${reason}`, { kind: 'audit-lapsed', reason }] as const),
  ['damaged', { kind: 'damaged' }],
  ['returned by two', { kind: 'returned', members: 2 }],
  ['returned by three', { kind: 'returned', members: 3 }],
  ...(['flush', 'vouched', 'recall'] as const).map(
    (reason) => [`picked ${reason}`, { kind: 'picked', reason }] as const,
  ),
  ['job-ended unchecked', { kind: 'job-ended', open: 1000, checked: 100 }],
  ['job-ended checked', { kind: 'job-ended', open: 100, checked: 100 }],
  ['flush-passed', { kind: 'flush-passed' }],
  ['lie-proven', { kind: 'lie-proven' }],
  ['recall-ended hardware', { kind: 'recall-ended', wrong: 1, checked: 200, isIsolated: true }],
  ['recall-ended two wrong', { kind: 'recall-ended', wrong: 2, checked: 200, isIsolated: true }],
  ['recall-ended with a friend', { kind: 'recall-ended', wrong: 1, checked: 200, isIsolated: false }],
  ['recall-ended too few', { kind: 'recall-ended', wrong: 1, checked: 199, isIsolated: true }],
  ['seen soon', { kind: 'seen', idleDurationMs: 86_400_000 }],
  ['seen late', { kind: 'seen', idleDurationMs: 31 * 86_400_000 }],
  ['updated', { kind: 'updated' }],
];
