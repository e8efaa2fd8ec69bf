// An ensemble forecast with the model of Lorenz (1996): 40 variables on a circle of latitude,
//   dx[i]/dt = (x[i+1] − x[i−2]) · x[i−1] − x[i] + F,   F = 8,
// integrated by the classical fourth-order Runge–Kutta method with Δt = 0.05, which stands for six hours.
//
// In: lines of CSV, one ensemble member each: its name and the 40 variables at the start.
// Out: lines of CSV: the member, the day, and the variables on that day: every day for 15 days, when errors grow,
// and then once a year for ten years, when nothing of the start is left but the climate.

import { fail, readLines, writeLine } from 'taika';

const variables: i32 = 40;
const forcing: f64 = 8.0;
const step: f64 = 0.05;
const stepsPerDay: i32 = 4;
const forecastDays: i32 = 15;
const years: i32 = 10;
const daysPerYear: i32 = 365;

// Two places more in front and one behind hold the neighbours across the seam, so that the inner loop has no `mod`.
const front: i32 = 2;
const state = new StaticArray<f64>(variables + 3);
const stage = new StaticArray<f64>(variables + 3);
const slope = new StaticArray<f64>(variables);
const total = new StaticArray<f64>(variables);

function closeCircle(x: StaticArray<f64>): void {
  unchecked((x[0] = x[variables]));
  unchecked((x[1] = x[variables + 1]));
  unchecked((x[variables + 2] = x[2]));
}

function tendency(x: StaticArray<f64>): void {
  for (let i = 0; i < variables; i++) {
    const here = i + front;
    unchecked((slope[i] = (x[here + 1] - x[here - 2]) * x[here - 1] - x[here] + forcing));
  }
}

function moveTo(x: StaticArray<f64>, by: f64): void {
  for (let i = 0; i < variables; i++) unchecked((x[i + front] = state[i + front] + by * slope[i]));
  closeCircle(x);
}

function addSlope(weight: f64): void {
  for (let i = 0; i < variables; i++) unchecked((total[i] += weight * slope[i]));
}

function advance(): void {
  for (let i = 0; i < variables; i++) unchecked((total[i] = 0));
  tendency(state);
  addSlope(1);
  moveTo(stage, step / 2);
  tendency(stage);
  addSlope(2);
  moveTo(stage, step / 2);
  tendency(stage);
  addSlope(2);
  moveTo(stage, step);
  tendency(stage);
  addSlope(1);
  for (let i = 0; i < variables; i++) unchecked((state[i + front] += (step / 6) * total[i]));
  closeCircle(state);
}

/** Four digits after the point are a hundredth of what an observation would resolve. */
function format(value: f64): string {
  const scaled = i64(Math.round(Math.abs(value) * 10000));
  const fraction = (scaled % 10000).toString().padStart(4, '0');
  const sign = value < 0 && scaled > 0 ? '-' : '';
  return sign + (scaled / 10000).toString() + '.' + fraction;
}

function writeState(member: string, day: i32): void {
  let line = member + ',' + day.toString();
  for (let i = 0; i < variables; i++) line += ',' + format(unchecked(state[i + front]));
  writeLine(line);
}

function forecast(line: string): void {
  const fields = line.split(',');
  if (fields.length != variables + 1) {
    fail(
      'A member needs a name and 40 values, and this line has ' +
        fields.length.toString() +
        ' fields: ' +
        line,
    );
  }
  const member = fields[0];
  for (let i = 0; i < variables; i++) unchecked((state[i + front] = parseFloat(fields[i + 1])));
  closeCircle(state);
  writeState(member, 0);
  for (let day = 1; day <= years * daysPerYear; day++) {
    for (let i = 0; i < stepsPerDay; i++) advance();
    if (day <= forecastDays || day % daysPerYear == 0) writeState(member, day);
  }
}

const lines = readLines();
let heading = 'member,day';
for (let i = 0; i < variables; i++) heading += ',x' + i.toString();
writeLine(heading);
// The first line names the columns.
for (let i = 1; i < lines.length; i++) forecast(lines[i]);
