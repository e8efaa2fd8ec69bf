import { auditsBeforeFinal } from '../figures.ts';

/** How a cheating (or faulty) terminal behaves; the grid of TRUST.md. */
export interface Strategy {
  /** The share of results that are lies, once it lies at all. */
  readonly lieRate: number;
  /** Results that it computes honestly first. */
  readonly honestFirst: number;
  /** Honest while on PROBATION. */
  readonly waitsForTrust: boolean;
  /** Tells the ring's common lie and covers the lies of others in the ring; otherwise nobody tells the same lie. */
  readonly inRing: boolean;
  /** What it multiplies its fuel with, as its lie; two who do so agree with each other. */
  readonly fuelFactor: 1 | 2 | 10;
  /** Lies only about a copy of another's run. Assumes that it can tell, which the wire does not let it. */
  readonly onlyCopies: boolean;
  /** Lies only about one program of ten. */
  readonly oneProgram: boolean;
  /** Comes back as somebody else when it was revoked. */
  readonly whitewashes: boolean;
  /** Not a cheat: hardware that is wrong now and then. */
  readonly isFault: boolean;
}

const honest: Strategy = {
  lieRate: 0,
  honestFirst: 0,
  waitsForTrust: false,
  inRing: false,
  fuelFactor: 1,
  onlyCopies: false,
  oneProgram: false,
  whitewashes: false,
  isFault: false,
};

const liar: Strategy = { ...honest, lieRate: 1 };

/** Every strategy by its name on the command line. */
export const strategies = {
  honest,
  always: liar,
  'random-50': { ...liar, lieRate: 0.5 },
  'random-10': { ...liar, lieRate: 0.1 },
  'random-5': { ...liar, lieRate: 0.05 },
  'random-1': { ...liar, lieRate: 0.01 },
  'random-0.3': { ...liar, lieRate: 0.003 },
  'random-0.1': { ...liar, lieRate: 0.001 },
  collude: { ...liar, inRing: true },
  'collude-trusted': { ...liar, inRing: true, waitsForTrust: true },
  'collude-safe': { ...liar, inRing: true, waitsForTrust: true, lieRate: 0.003 },
  'trust-200': { ...liar, honestFirst: 200 },
  'trust-2000': { ...liar, honestFirst: 2000 },
  'trust-200-collude': { ...liar, honestFirst: 200, inRing: true },
  'trust-2000-collude': { ...liar, honestFirst: 2000, inRing: true },
  whitewash: { ...liar, waitsForTrust: true, whitewashes: true },
  'whitewash-poison': { ...liar, waitsForTrust: true, whitewashes: true, lieRate: 1 / auditsBeforeFinal },
  'fuel-2': { ...liar, fuelFactor: 2 },
  'fuel-10': { ...liar, fuelFactor: 10 },
  'fuel-2-trusted': { ...liar, fuelFactor: 2, waitsForTrust: true },
  'fuel-10-trusted': { ...liar, fuelFactor: 10, waitsForTrust: true },
  'lazy-auditor': { ...liar, onlyCopies: true },
  'one-program': { ...liar, oneProgram: true, waitsForTrust: true },
  'slow-poison': { ...liar, waitsForTrust: true, lieRate: 1 / auditsBeforeFinal },
  flaky: { ...liar, lieRate: 1e-4, isFault: true },
} as const satisfies Record<string, Strategy>;

export type StrategyName = keyof typeof strategies;

/** What an answer is; 0 is right. Two different terminals with an own lie never agree. */
export const answers = { right: 0, ring: 1, fuel2: 2, fuel10: 3, own: 9 } as const;

/** What a terminal sees when it answers, and what its ring tells it. */
export interface Sight {
  readonly unit: number;
  readonly isCopy: boolean;
  readonly isTrusted: boolean;
  /** Results that it handed in before. */
  readonly committed: number;
  /** Somebody in the ring (or believed to be) lied about this unit. */
  readonly isFellowsLie: boolean;
}

/** The answer of a terminal with this strategy; `fraction` is chance from 0 to 1. */
export function answerOf(strategy: Strategy, sight: Sight, fraction: number): number {
  if (strategy.lieRate === 0) return answers.right;
  // Covering costs the ring nothing that it would not lose anyway when the fellow falls.
  if (strategy.inRing && sight.isFellowsLie) return answers.ring;
  const isQuiet =
    sight.committed < strategy.honestFirst ||
    (strategy.waitsForTrust && !sight.isTrusted) ||
    (strategy.onlyCopies && !sight.isCopy) ||
    (strategy.oneProgram && sight.unit % programs !== 0);
  if (isQuiet || fraction >= strategy.lieRate) return answers.right;
  if (strategy.fuelFactor === 2) return answers.fuel2;
  if (strategy.fuelFactor === 10) return answers.fuel10;
  return strategy.inRing ? answers.ring : answers.own;
}

/** True where two terminals' answers are the same bytes. */
export function isSameAnswer(one: number, other: number): boolean {
  return one === other && one !== answers.own;
}

const programs = 10;
