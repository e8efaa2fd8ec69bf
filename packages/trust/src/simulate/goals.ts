import { trustLevels, wrongResultsBound } from '../trust-level.ts';
import { provenStrategies } from './grid.ts';
import type { SimulationReport } from './report.ts';

/** One of the figures to reach, what was measured, and by which cells it was missed. */
export interface Goal {
  readonly name: string;
  readonly wanted: string;
  readonly measured: string;
  readonly isReached: boolean;
  readonly missedBy: readonly string[];
}

/** Judges a full grid by the six figures to reach. */
export function judgeGoals(reports: readonly SimulationReport[]): readonly Goal[] {
  const proven = (share: number) =>
    reports.filter(
      ({ options }) => options.cheaters === share && provenStrategies.includes(options.strategy),
    );
  const cheating = reports.filter(({ options }) => options.cheaters > 0 && options.strategy !== 'flaky');
  return [
    goal(
      'G1',
      'f = 5 %: fewer than 1e-6 wrong among finals before recall, at most 1.15 executions per unit without start-up and flush',
      proven(0.05),
      ({ wrongFinalRate, steadyExecutions }) => wrongFinalRate < 1e-6 && steadyExecutions <= 1.15,
      (cells) =>
        `${sum(cells, 'wrongFinals')} wrong; at most ${most(cells, 'steadyExecutions').toFixed(3)} executions`,
    ),
    goal(
      'G2',
      'f = 20 %: fewer than 1e-6 wrong after recall, at most 1.20 executions per unit without start-up and flush',
      proven(0.2),
      ({ wrongAfterRecallRate, steadyExecutions }) => wrongAfterRecallRate < 1e-6 && steadyExecutions <= 1.2,
      (cells) =>
        `${sum(cells, 'wrongAfterRecall')} wrong; at most ${most(cells, 'steadyExecutions').toFixed(3)} executions`,
    ),
    goal(
      'G3',
      'wrong finals per identity at most (1 − q′)/q′ on average',
      cheating,
      ({ wrongFinalsPerCheat, options }) =>
        wrongFinalsPerCheat <= wrongResultsBound(trustLevels[options.level], options.cheaters),
      (cells) => `at most ${most(cells, 'wrongFinalsPerCheat').toFixed(2)}`,
    ),
    goal(
      'G3',
      'f = 5 %: at most 5e-5 wrong after recall, any strategy',
      cheating.filter(({ options }) => options.cheaters === 0.05),
      ({ wrongAfterRecallRate }) => wrongAfterRecallRate <= 5e-5,
      (cells) => `at most ${most(cells, 'wrongAfterRecallRate').toExponential(1)}`,
    ),
    goal(
      'G4',
      'points paid for lies at most 0.1 % of what was claimed for them',
      cheating,
      ({ points }) => points.paidForLies <= 0.001 * points.claimedForLies,
      (cells) =>
        `${cells.reduce((all, { points }) => all + points.paidForLies, 0)} of ${cells.reduce((all, { points }) => all + points.claimedForLies, 0)}`,
    ),
    goal(
      'G5',
      'no honest terminal without fault is revoked',
      reports,
      ({ honestRevoked }) => honestRevoked === 0,
      (cells) =>
        `${sum(cells, 'honestRevoked')} in ${cells.reduce((all, { options }) => all + options.units, 0).toExponential(1)} units`,
    ),
    goal(
      'G6',
      'an always-liar is convicted on probation before it passes one check',
      cheating.filter(({ options }) => ['always', 'collude', 'fuel-2', 'fuel-10'].includes(options.strategy)),
      ({ caughtAtFirstCheckShare }) => caughtAtFirstCheckShare === 1,
      (cells) =>
        `${cells.filter(({ caughtAtFirstCheckShare }) => caughtAtFirstCheckShare === 1).length} of ${cells.length} cells`,
    ),
    judgeDetection(cheating.filter(({ options }) => alwaysOnceTrusted.includes(options.strategy))),
  ];
}

/** Over all cells at once: one cell convicts a few tens of liars, of whom the slowest is no percentile. */
function judgeDetection(cells: readonly SimulationReport[]): Goal {
  const all = cells.reduce((sum, { resultsToDetect }) => sum + resultsToDetect.count, 0);
  const late = cells.reduce((sum, { resultsToDetect }) => sum + resultsToDetect.beyond50, 0);
  const isReached = late <= 0.01 * all;
  return {
    name: 'G6',
    wanted: 'once trusted within 50 results, 99 of 100',
    measured: `${all - late} of ${all}`,
    isReached,
    missedBy: isReached ? [] : cells.map(({ options }) => options.strategy),
  };
}

function goal(
  name: string,
  wanted: string,
  cells: readonly SimulationReport[],
  isMet: (report: SimulationReport) => boolean,
  measured: (cells: readonly SimulationReport[]) => string,
): Goal {
  const missed = cells.filter((report) => !isMet(report));
  return {
    name,
    wanted,
    measured: measured(cells),
    isReached: missed.length === 0,
    missedBy: missed.map(({ options }) => `${options.strategy} at ${100 * options.cheaters} %`),
  };
}

type Figure =
  | 'wrongFinals'
  | 'wrongAfterRecall'
  | 'honestRevoked'
  | 'steadyExecutions'
  | 'wrongFinalsPerCheat'
  | 'wrongAfterRecallRate';

function sum(cells: readonly SimulationReport[], figure: Figure): number {
  return cells.reduce((all, report) => all + report[figure], 0);
}

function most(cells: readonly SimulationReport[], figure: Figure): number {
  return Math.max(0, ...cells.map((report) => report[figure]));
}

const alwaysOnceTrusted: readonly string[] = [
  'collude-trusted',
  'trust-200',
  'trust-2000',
  'trust-200-collude',
  'trust-2000-collude',
  'whitewash',
  'fuel-2-trusted',
  'fuel-10-trusted',
];
