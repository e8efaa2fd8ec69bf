import { type Static, Type } from 'typebox';
import { defineRoute } from '../route.ts';
import { IdSchema, Instant, IntegerText, type JobId, PublicKey, type TerminalId } from '../schema.ts';

const TerminalIdParams = Type.Object({
  terminalId: IdSchema<TerminalId>('terminal, made by the operator’s command'),
});

/**
 * What the contractor runs itself. It opens sessions and cycles like any terminal, needs no registration and no consent,
 * and earns nothing.
 *
 * - `reference` computes what must be certain: copies that no terminal may or can compute, and both sides of a mismatch.
 *   It gets no other work. Its word revokes, so it runs on a machine that the contractor trusts.
 * - `decoy` gets ordinary work and is expected to hand in wrong results: who agrees with it colludes. Nothing that it says
 *   is believed.
 */
export const OwnRole = Type.Union([Type.Literal('reference'), Type.Literal('decoy')]);

export const OwnTerminal = Type.Object({
  terminalId: IdSchema<TerminalId>('terminal'),
  role: OwnRole,
  name: Type.String(),
});
export type OwnTerminalText = Static<typeof OwnTerminal>;

export const addOwnTerminal = defineRoute({
  name: 'addOwnTerminal',
  method: 'PUT',
  path: '/v1/own-terminals/:terminalId',
  access: ['operator'],
  summary: 'Add a terminal of the contractor’s own by its public key: a reference executor or a decoy.',
  params: TerminalIdParams,
  body: Type.Object(
    { role: OwnRole, name: Type.String({ minLength: 1, maxLength: 200 }), publicKey: PublicKey },
    { additionalProperties: false },
  ),
  reply: OwnTerminal,
});

/** One decision, in words; `event` and `effects` are what was recorded, with the ids of terminals in place of their numbers. */
const DecisionView = Type.Object({
  at: Instant,
  jobId: IdSchema<JobId>('job'),
  firstUnit: Type.Integer(),
  units: Type.Integer(),
  terminalId: IdSchema<TerminalId>('terminal'),
  /** Who computed the other copy. */
  partnerId: Type.Optional(IdSchema<TerminalId>('terminal')),
  happened: Type.String(),
  done: Type.Array(Type.String()),
  /** Indices of units that the two results say different things about. */
  differing: Type.Optional(Type.Array(Type.Integer())),
  event: Type.Record(Type.String(), Type.Unknown()),
  effects: Type.Array(Type.Record(Type.String(), Type.Unknown())),
});
export type DecisionViewText = Static<typeof DecisionView>;

/** One thing that happened to a unit, in words. */
const UnitStep = Type.Object({
  at: Instant,
  /**
   * - `decision`: about a result of this unit.
   * - `elsewhere`: about another result; what it means for this one comes first in `done`.
   * - `returned`: a terminal gave it back uncomputed.
   * - `dropped`: a result was taken out, by a decision that is not there any more.
   */
  kind: Type.Union([
    Type.Literal('decision'),
    Type.Literal('elsewhere'),
    Type.Literal('returned'),
    Type.Literal('dropped'),
  ]),
  happened: Type.String(),
  done: Type.Array(Type.String()),
  decision: Type.Optional(DecisionView),
});
export type UnitStepText = Static<typeof UnitStep>;

export const explainUnit = defineRoute({
  name: 'explainUnit',
  method: 'GET',
  path: '/v1/trust/jobs/:jobId/units/:unit',
  access: ['operator'],
  summary: 'Why the result of a unit is believed or not: all that happened to it, the oldest first.',
  params: Type.Object({
    jobId: IdSchema<JobId>('job'),
    unit: Type.String({ pattern: '^(0|[1-9][0-9]{0,8})$', description: 'an index from 0' }),
  }),
  reply: Type.Object({
    /** Where it stands now, in one sentence. */
    sentence: Type.String(),
    life: Type.Array(UnitStep),
  }),
});

export const explainTerminal = defineRoute({
  name: 'explainTerminal',
  method: 'GET',
  path: '/v1/trust/terminals/:terminalId',
  access: ['operator'],
  summary:
    'Where a terminal stands and why: the latest decisions about its results and copies, the oldest first.',
  params: Type.Object({ terminalId: IdSchema<TerminalId>('terminal') }),
  reply: Type.Object({
    standing: Type.Union([Type.Literal('probation'), Type.Literal('trusted'), Type.Literal('revoked')]),
    sentence: Type.String(),
    passed: Type.Integer(),
    drawn: Type.Integer(),
    decisions: Type.Array(DecisionView),
  }),
});

export const TrustCosts = Type.Object({
  /** Over the jobs with a trust level of the last 30 days. */
  jobs: Type.Integer(),
  finalUnits: IntegerText,
  /** Computations for each final unit: first ones, copies, judgements, and what was dropped and done again. */
  executionsPerFinalUnit: Type.Number(),
  /** Share of all computations that the reference executor did. */
  referenceShare: Type.Number(),
  /** From the commit to final, in seconds, over the latest results; absent before the first. */
  finalAfterSeconds: Type.Optional(Type.Object({ median: Type.Number(), p99: Type.Number() })),
  /** Checks drawn at random, and how many found a wrong result. */
  checksDrawn: IntegerText,
  checksFailed: IntegerText,
  /** With 95 % confidence no more than this share of results is handed in wrong; 1 before the first check. */
  wrongShareMax: Type.Number(),
  /**
   * So large the share of wrong results among final ones may be expected: the bound above, times the share of the latest final
   * results that nobody computed again. Pessimistic: it does not reckon that liars are found and their results taken back.
   */
  finalWrongShareMax: Type.Number(),
  terminals: Type.Object({
    probation: Type.Integer(),
    trusted: Type.Integer(),
    revoked: Type.Integer(),
  }),
  /** Copies that no reference executor could compute so far, though several times tried; they hold their jobs up. */
  referenceCannot: Type.Array(
    Type.Object({
      jobId: IdSchema<JobId>('job'),
      firstUnit: Type.Integer(),
      units: Type.Integer(),
      /** How often it was tried, and which limit it was the last time. */
      returns: Type.Integer(),
      cause: Type.String(),
      sentence: Type.String(),
      remedy: Type.String(),
    }),
  ),
});
export type TrustCostsText = Static<typeof TrustCosts>;

export const readTrustCosts = defineRoute({
  name: 'readTrustCosts',
  method: 'GET',
  path: '/v1/trust/costs',
  access: ['operator'],
  summary: 'What trust costs now, and how wrong results may be.',
  reply: TrustCosts,
});
