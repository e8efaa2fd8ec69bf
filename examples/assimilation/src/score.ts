/**
 * Compares the analyses with the truth: `node examples/assimilation/src/score.ts [analysis.csv]`. Prints the figures of
 * README.md, and with `--draw` draws its pictures anew.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { drawErrors, drawPlace } from './draw.ts';
import { advance, type State, variables } from './lorenz-96.ts';

/** Cycles before the filters have forgotten how they began. */
export const spinUpCycles = 40;

export interface Scores {
  /** Root mean square error over the circle, averaged over experiments and over the cycles after the spin-up. */
  readonly analysis: number;
  /** The ensemble's own opinion of that error: of a good filter, about the same. */
  readonly spread: number;
  /** Of the observations themselves. */
  readonly observations: number;
  /** Of the ensemble's mean where nothing is corrected, over the same cycles. */
  readonly freeRun: number;
  /** Of a forecaster who knows nothing but the climate: the standard deviation of the truth. */
  readonly climatology: number;
  readonly byCycle: readonly CycleErrors[];
}

/** Errors of one cycle, averaged over experiments. */
export interface CycleErrors {
  readonly cycle: number;
  readonly analysis: number;
  readonly freeRun: number;
  readonly observations: number;
}

/** Lines of a file, each as numbers, without the header. */
export type Table = readonly (readonly number[])[];

export interface Inputs {
  /** Experiment, cycle, spread and 40 values. */
  readonly analysis: Table;
  /** Experiment, cycle and 40 values. */
  readonly truth: Table;
  readonly observations: Table;
  /** Experiment, member and 40 values. */
  readonly ensemble: Table;
}

export function score({ analysis, truth, observations, ensemble }: Inputs): Scores {
  const truths = new Map(truth.map(([experiment, cycle, ...state]) => [`${experiment} ${cycle}`, state]));
  const truthOf = (experiment = 0, cycle = 0): State => {
    const found = truths.get(`${experiment} ${cycle}`);
    if (found === undefined)
      throw new Error(`There is no truth of experiment ${experiment}, cycle ${cycle}.`);
    return found;
  };
  const errorsOf = (table: Table, skipped: number) =>
    table.map(([experiment, cycle = 0, ...rest]) => ({
      cycle,
      error: distance(rest.slice(skipped), truthOf(experiment, cycle)),
    }));
  const ofAnalysis = errorsOf(analysis, 1);
  const ofObservations = errorsOf(observations, 0);
  const ofFreeRun = errorsOf(runFreely(ensemble, Math.max(...truth.map(([, cycle = 0]) => cycle))), 0);
  const after = (errors: readonly { cycle: number; error: number }[]) =>
    mean(errors.filter(({ cycle }) => cycle > spinUpCycles).map(({ error }) => error));
  const at = (errors: readonly { cycle: number; error: number }[], wanted: number) =>
    mean(errors.filter(({ cycle }) => cycle === wanted).map(({ error }) => error));
  const cycles = [...new Set(ofAnalysis.map(({ cycle }) => cycle))];
  return {
    analysis: after(ofAnalysis),
    spread: mean(analysis.filter(([, cycle = 0]) => cycle > spinUpCycles).map(([, , spread = 0]) => spread)),
    observations: after(ofObservations),
    freeRun: after(ofFreeRun),
    climatology: deviation(truth.flatMap(([, , ...state]) => state)),
    byCycle: cycles.map((cycle) => ({
      cycle,
      analysis: at(ofAnalysis, cycle),
      freeRun: at(ofFreeRun, cycle),
      observations: at(ofObservations, cycle),
    })),
  };
}

/** Means of the same ensembles, forecast without ever looking at an observation: experiment, cycle, 40 values. */
function runFreely(ensemble: Table, cycles: number): Table {
  const experiments = Map.groupBy(ensemble, ([experiment = 0]) => experiment);
  return [...experiments].flatMap(([experiment, lines]) => {
    let members: State[] = lines.map(([, , ...state]) => state);
    return Array.from({ length: cycles }, (_, index) => {
      members = members.map(advance);
      const states = members;
      const average = Array.from({ length: variables }, (_, i) =>
        mean(states.map((state) => state[i] ?? Number.NaN)),
      );
      return [experiment, index + 1, ...average];
    });
  });
}

function distance(a: State, b: State): number {
  return Math.sqrt(mean(a.map((value, i) => (value - (b[i] ?? Number.NaN)) ** 2)));
}

function deviation(values: readonly number[]): number {
  const average = mean(values);
  return Math.sqrt(mean(values.map((value) => (value - average) ** 2)));
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** The files beside the job, and the analysis that is named or the one that lies there. */
export function readInputs(analysis?: string): Inputs {
  const folder = new URL('../', import.meta.url);
  return {
    analysis: readTable(analysis ?? new URL('analysis.csv', folder)),
    truth: readTable(new URL('truth.csv', folder)),
    observations: readTable(new URL('observations.csv', folder)),
    ensemble: readTable(new URL('ensemble.csv', folder)),
  };
}

function readTable(path: string | URL): Table {
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n').slice(1);
  return lines.map((line) => line.split(',').map(Number));
}

if (import.meta.main) {
  const inputs = readInputs(process.argv.slice(2).find((word) => !word.startsWith('--')));
  const { byCycle, ...figures } = score(inputs);
  for (const [name, value] of Object.entries(figures)) console.log(`${name.padEnd(14)}${value.toFixed(3)}`);
  if (process.argv.includes('--draw')) {
    const at = (name: string) => new URL(`../${name}`, import.meta.url);
    writeFileSync(at('errors.svg'), drawErrors({ byCycle, ...figures }));
    writeFileSync(at('place.svg'), drawPlace(inputs));
  }
}
