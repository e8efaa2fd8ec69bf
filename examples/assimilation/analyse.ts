// The analysis step: corrects each experiment's forecast by this round's observations, and asks for the next forecast.
//
// A serial ensemble square root filter (Whitaker and Hamill 2002): the observations of the 40 variables, with an error
// variance of 1, are taken one after the other; each moves the mean by the gain, and shrinks the members' deviations
// just so much that their variance is what the Kalman filter says. Nothing is drawn at random. Before that, deviations
// are stretched by the inflation; gains fade out with distance (Gaspari and Cohn 1999), so that chance correlations of
// a small ensemble between distant places do nothing.
//
// In: the forecast, as forecast.ts writes it. Files: observations.csv, with experiment, cycle and 40 values a line.
// Arguments: how many cycles; the inflation; the distance at which gains are half gone (its half-width parameter).
// Out, after the last cycle: experiment, cycle, the ensemble's spread, and the mean of the analysis, a line for each.

import { args, endJob, fail, keptState, nextRound, readFile, readLines, round } from 'taika';

const variables: i32 = 40;
const errorVariance: f64 = 1.0;

const cycles = i32(parseInt(args()[0]));
const inflation = parseFloat(args()[1]);
const halfWidth = parseFloat(args()[2]);

/** The fifth-order function that is 1 at no distance and 0 from two half-widths on. */
function fade(distance: f64): f64 {
  const r = distance / halfWidth;
  if (r >= 2) return 0;
  const r2 = r * r;
  const r3 = r2 * r;
  if (r <= 1) return 1 - (5.0 / 3.0) * r2 + (5.0 / 8.0) * r3 + 0.5 * r2 * r2 - 0.25 * r2 * r3;
  return (
    4 - 5 * r + (5.0 / 3.0) * r2 + (5.0 / 8.0) * r3 - 0.5 * r2 * r2 + (1.0 / 12.0) * r2 * r3 - 2.0 / (3.0 * r)
  );
}

const fading = new StaticArray<f64>(variables);
for (let i = 0; i < variables; i++) fading[i] = fade(<f64>min(i, variables - i));

class Ensemble {
  mean: StaticArray<f64> = new StaticArray<f64>(variables);
  /** One deviation from the mean for each member. */
  deviations: Array<StaticArray<f64>> = [];

  constructor(public experiment: string) {}

  add(fields: string[]): void {
    const member = new StaticArray<f64>(variables);
    for (let i = 0; i < variables; i++) member[i] = parseFloat(fields[i + 2]);
    this.deviations.push(member);
  }

  /** Takes the mean out of the members, and stretches what is left. */
  centre(): void {
    const members = this.deviations;
    for (let i = 0; i < variables; i++) {
      let sum: f64 = 0;
      for (let m = 0; m < members.length; m++) sum += members[m][i];
      const mean = sum / <f64>members.length;
      this.mean[i] = mean;
      for (let m = 0; m < members.length; m++) members[m][i] = inflation * (members[m][i] - mean);
    }
  }

  covariance(i: i32, j: i32): f64 {
    const members = this.deviations;
    let sum: f64 = 0;
    for (let m = 0; m < members.length; m++) sum += members[m][i] * members[m][j];
    return sum / <f64>(members.length - 1);
  }

  /** Takes in one observation, of the variable `at`. */
  take(at: i32, observed: f64): void {
    const members = this.deviations;
    const total = this.covariance(at, at) + errorVariance;
    const shrink = 1 / (1 + Math.sqrt(errorVariance / total));
    const surprise = observed - this.mean[at];
    const gains = new StaticArray<f64>(variables);
    for (let i = 0; i < variables; i++) {
      const weight = fading[abs(i - at)];
      if (weight > 0) gains[i] = (weight * this.covariance(i, at)) / total;
    }
    for (let i = 0; i < variables; i++) this.mean[i] += gains[i] * surprise;
    for (let m = 0; m < members.length; m++) {
      const member = members[m];
      const by = shrink * member[at];
      for (let i = 0; i < variables; i++) member[i] -= gains[i] * by;
    }
  }

  spread(): f64 {
    let sum: f64 = 0;
    for (let i = 0; i < variables; i++) sum += this.covariance(i, i);
    return Math.sqrt(sum / <f64>variables);
  }

  memberLine(m: i32): string {
    const fields = [this.experiment, m.toString()];
    for (let i = 0; i < variables; i++) fields.push((this.mean[i] + this.deviations[m][i]).toString());
    return fields.join(',');
  }

  historyLine(cycle: i64): string {
    const fields = [this.experiment, cycle.toString(), thousandths(this.spread())];
    for (let i = 0; i < variables; i++) fields.push(thousandths(this.mean[i]));
    return fields.join(',') + '\n';
  }
}

function thousandths(value: f64): string {
  const scaled = i64(Math.round(Math.abs(value) * 1000));
  const sign = value < 0 && scaled > 0 ? '-' : '';
  return sign + (scaled / 1000).toString() + '.' + (scaled % 1000).toString().padStart(3, '0');
}

/** This cycle's observations by experiment. */
function readObservations(cycle: i64): Map<string, string[]> {
  const found = new Map<string, string[]>();
  const bytes = readFile('observations.csv');
  const lines = String.UTF8.decodeUnsafe(bytes.dataStart, bytes.length).split('\n');
  const wanted = ',' + cycle.toString() + ',';
  for (let i = 1; i < lines.length; i++) {
    const comma = lines[i].indexOf(',');
    // Only the lines of this cycle are taken apart.
    if (comma < 0 || !lines[i].startsWith(wanted, comma)) continue;
    const fields = lines[i].split(',');
    if (fields.length == variables + 2) found.set(fields[0], fields);
  }
  return found;
}

const lines = readLines();
const cycle: i64 = round() + 1;
const observations = readObservations(cycle);
const ensembles: Ensemble[] = [];
for (let i = 1; i < lines.length; i++) {
  const fields = lines[i].split(',');
  // Members of one experiment stand together.
  if (ensembles.length == 0 || ensembles[ensembles.length - 1].experiment != fields[0])
    ensembles.push(new Ensemble(fields[0]));
  ensembles[ensembles.length - 1].add(fields);
}

let history = keptState();
const analysis = [lines[0]];
if (history.length == 0) {
  history = 'experiment,cycle,spread';
  for (let i = 0; i < variables; i++) history += ',x' + i.toString();
  history += '\n';
}
for (let e = 0; e < ensembles.length; e++) {
  const ensemble = ensembles[e];
  if (!observations.has(ensemble.experiment))
    fail(
      'There are no observations of experiment ' +
        ensemble.experiment +
        ' in cycle ' +
        cycle.toString() +
        '.',
    );
  const observed = observations.get(ensemble.experiment);
  ensemble.centre();
  for (let i = 0; i < variables; i++) ensemble.take(i, parseFloat(observed[i + 2]));
  history += ensemble.historyLine(cycle);
  for (let m = 0; m < ensemble.deviations.length; m++) analysis.push(ensemble.memberLine(m));
}
if (cycle < cycles) nextRound(analysis.join('\n') + '\n', history);
else endJob(history);
