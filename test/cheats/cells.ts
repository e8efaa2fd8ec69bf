import { type Strategy, type StrategyName, strategies } from '@taika/trust/simulate/strategy';
import type { TrustLevelName } from '@taika/trust/trust-level';
import type { Cell } from './cell.ts';

/** A cell, and what must come of it beside what must come of all. */
export interface JudgedCell extends Cell {
  /** Every liar is caught and the output is the honest one. Others are bounded: so many wrong results an identity. */
  readonly isCaught: boolean;
}

/** The full set: each strategy of the simulator against the real servers, with a tenth of the terminals cheating. */
export function allCells({
  units,
  terminals,
}: {
  readonly units: number;
  readonly terminals: number;
}): JudgedCell[] {
  const count = Math.max(2, Math.round(terminals / 10));
  const cell = (name: string, strategy: Strategy, isCaught: boolean, level?: TrustLevelName): JudgedCell => ({
    name,
    units,
    terminals,
    cheats: name === 'honest' ? [] : Array.from({ length: count }, () => strategy),
    isCaught,
    ...(level === undefined ? {} : { level }),
  });
  // Strategies count results in thousands; here a terminal has as many as its share of the job.
  const share = Math.floor(units / terminals);
  const later = { honestFirst: Math.floor(share / 2) };
  return [
    cell('honest', strategies.honest, true),
    ...caught.map((name) => cell(name, strategies[name], true)),
    cell('trust-then-cheat', { ...strategies['trust-200'], ...later }, true),
    cell('trust-then-collude', { ...strategies['trust-200-collude'], ...later }, true),
    ...bounded.map((name) => cell(name, strategies[name], false)),
    cell('flaky', { ...strategies.flaky, lieRate: 1 / share }, false),
    cell('strict-random-10', strategies['random-10'], true, 'strict'),
    cell('strict-slow-poison', strategies['slow-poison'], true, 'strict'),
  ];
}

const caught: readonly StrategyName[] = [
  'always',
  'random-50',
  'random-10',
  'random-5',
  'collude',
  'collude-trusted',
  'whitewash',
  'fuel-2',
  'fuel-10',
  'fuel-2-trusted',
  'fuel-10-trusted',
  'lazy-auditor',
];

const bounded: readonly StrategyName[] = [
  'one-program',
  'random-1',
  'random-0.1',
  'collude-safe',
  'slow-poison',
  'whitewash-poison',
];
