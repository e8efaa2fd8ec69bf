import type { TrustLevelName } from '../trust-level.ts';
import type { StrategyName } from './strategy.ts';

/** What is simulated. Times are in the mean time of one run at one terminal (60 s). */
export interface SimulationOptions {
  /** Runs to be computed. The page calls them units for short: each is the packed result of one assignment. */
  readonly units: number;
  readonly terminals: number;
  /** f: the share of terminals that cheat. */
  readonly cheaters: number;
  readonly strategy: StrategyName;
  /** In place of the strategy's own share of lies; null leaves it. */
  readonly lieRate: number | null;
  readonly level: TrustLevelName;
  readonly seed: string;
  /** Jobs one after the other, each flushed at its end. */
  readonly jobs: number;
  /** The share of the pool that is there at the start; the others come during the first half. */
  readonly presentAtStart: number;
  /** The share of terminals that leave for good, each at its own moment, with whatever they hold. */
  readonly leavers: number;
  /** Shares of assignments that never come back, or too late. */
  readonly lost: number;
  readonly late: number;
  /** The share of runs that a decoy commits first; the ring takes every decoy for a fellow. */
  readonly decoys: number;
  /** Identities that one whitewashing cheat can get. */
  readonly identities: number;
}

/** What is taken where the caller says nothing. */
export const defaultOptions: SimulationOptions = {
  units: 1_000_000,
  terminals: 200,
  cheaters: 0.05,
  strategy: 'collude',
  lieRate: null,
  level: 'standard',
  seed: '1',
  jobs: 1,
  presentAtStart: 0.25,
  leavers: 0.1,
  lost: 0.005,
  late: 0.002,
  decoys: 0,
  identities: 20,
};
