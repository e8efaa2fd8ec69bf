import type { TrustLevelName } from '../trust-level.ts';
import { defaultOptions, type SimulationOptions } from './options.ts';
import type { SimulationReport } from './report.ts';
import { rivalNames, simulateRival } from './rivals/policies.ts';
import type { RivalReport } from './rivals/rival.ts';
import { runSimulation } from './run-simulation.ts';
import { type StrategyName, strategies } from './strategy.ts';

/** How big the cells of a grid are. */
export interface GridSize {
  readonly units: number;
  readonly terminals: number;
  readonly seed: string;
}

/** TRUST.md's strategies: everything but the honest pool. */
export const gridStrategies = (Object.keys(strategies) as StrategyName[]).filter((name) => name !== 'honest');

export const gridShares: readonly number[] = [0.01, 0.05, 0.2];

/** The set that G1 and G2 are about. */
export const provenStrategies: readonly StrategyName[] = [
  'always',
  'random-50',
  'random-10',
  'random-5',
  'collude',
  'collude-trusted',
  'trust-200',
  'trust-2000',
  'trust-200-collude',
  'trust-2000-collude',
];

/** Every share of cheats × every strategy, and the honest pool once. */
export function* runGrid(
  size: GridSize,
  shares: readonly number[] = gridShares,
  names: readonly StrategyName[] = gridStrategies,
): Generator<SimulationReport> {
  yield runSimulation({ ...size, cheaters: 0, strategy: 'honest' });
  for (const cheaters of shares) {
    for (const strategy of names) yield runSimulation({ ...size, cheaters, strategy });
  }
}

/** The ring's lie rate swept at f = 20 %: where audits alone are weakest. */
export function* sweepLieRate(size: GridSize, level: TrustLevelName): Generator<SimulationReport> {
  for (const lieRate of sweptRates) {
    yield runSimulation({ ...size, cheaters: 0.2, strategy: 'collude-safe', lieRate, level });
  }
}

/** What each level costs and gives on the same pool. */
export function* runLevels(size: GridSize): Generator<SimulationReport> {
  for (const level of ['economy', 'standard', 'high', 'strict'] as const) {
    yield runSimulation({ ...size, cheaters: 0.05, strategy: 'random-1', level });
  }
}

/** Start-up and flush for pools with few results a terminal. */
export function* runSmallPools(size: GridSize): Generator<SimulationReport> {
  for (const perTerminal of [50, 250, 1000, 2000, 5000]) {
    const options = { cheaters: 0, strategy: 'honest' as const, seed: size.seed, terminals: size.terminals };
    yield runSimulation({ ...options, units: perTerminal * size.terminals });
  }
}

/** Each rival against each strategy that hurts one of them. */
export function* runRivals(size: GridSize, shares: readonly number[] = [0.05, 0.2]): Generator<RivalReport> {
  for (const cheaters of shares) {
    for (const policy of rivalNames) {
      for (const strategy of rivalStrategies) {
        const options: SimulationOptions = { ...defaultOptions, ...size, cheaters, strategy };
        yield simulateRival(policy, options);
      }
    }
  }
}

/** `collude-safe` is, where copies are handed out ahead, a ring that lies only when it holds them all. */
export const rivalStrategies: readonly StrategyName[] = [
  'collude',
  'collude-safe',
  'collude-trusted',
  'trust-200-collude',
  'random-10',
  'random-0.3',
];

const sweptRates = [0.0003, 0.001, 0.002, 0.003, 0.005, 0.01, 0.02, 0.05, 0.1, 0.3, 1];
