// The forecast step: moves each ensemble member six hours ahead.
//
// The model is that of Lorenz (1996): 40 variables on a circle of latitude,
//   dx[i]/dt = (x[i+1] − x[i−2]) · x[i−1] − x[i] + F,   F = 8,
// moved by one step of the classical fourth-order Runge–Kutta method with Δt = 0.05, which stands for six hours.
//
// In and out: lines of CSV, one member each: its experiment, its number, and the 40 variables.

import { fail, readLines, writeLine } from 'taika';

const variables: i32 = 40;
const forcing: f64 = 8.0;
const step: f64 = 0.05;

const start = new StaticArray<f64>(variables);
const stage = new StaticArray<f64>(variables);
const slope = new StaticArray<f64>(variables);
const total = new StaticArray<f64>(variables);

function tendency(x: StaticArray<f64>): void {
  for (let i = 0; i < variables; i++) {
    const next = x[(i + 1) % variables];
    const before = x[(i + variables - 1) % variables];
    const twoBefore = x[(i + variables - 2) % variables];
    slope[i] = (next - twoBefore) * before - x[i] + forcing;
  }
}

/** Adds the slope to the total with this weight, and moves from the start along it. */
function take(weight: f64, by: f64): void {
  for (let i = 0; i < variables; i++) {
    total[i] += weight * slope[i];
    stage[i] = start[i] + by * slope[i];
  }
}

function advance(): void {
  total.fill(0);
  tendency(start);
  take(1, step / 2);
  tendency(stage);
  take(2, step / 2);
  tendency(stage);
  take(2, step);
  tendency(stage);
  take(1, 0);
  for (let i = 0; i < variables; i++) start[i] += (step / 6) * total[i];
}

function forecast(line: string): void {
  const fields = line.split(',');
  if (fields.length != variables + 2) fail('A member needs two numbers and 40 values: ' + line);
  for (let i = 0; i < variables; i++) start[i] = parseFloat(fields[i + 2]);
  advance();
  for (let i = 0; i < variables; i++) fields[i + 2] = start[i].toString();
  writeLine(fields.join(','));
}

const lines = readLines();
// The first line names the columns.
writeLine(lines[0]);
for (let i = 1; i < lines.length; i++) forecast(lines[i]);
