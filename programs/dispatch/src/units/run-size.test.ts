import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deadlineMs, type RunDemand, runUnits } from './run-size.ts';

const demand: RunDemand = {
  fuelPerUnit: 1e9,
  referenceFuelPerSecond: 1e9,
  parallel: 1,
  unitsMax: 256,
  unitsLeft: 1_000_000,
  terminals: 2,
};

test('a run is a minute of work for each worker', () => {
  assert.equal(runUnits(demand), 60);
  assert.equal(runUnits({ ...demand, parallel: 4 }), 240);
  assert.equal(runUnits({ ...demand, fuelPerUnit: 1 }), 256);
});

test('a unit of hours is still handed out', () => {
  assert.equal(runUnits({ ...demand, fuelPerUnit: 1e14 }), 1);
});

test('before the first result each worker gets one unit', () => {
  assert.equal(runUnits({ ...demand, fuelPerUnit: undefined, parallel: 3 }), 3);
});

test('what is left is shared', () => {
  assert.equal(runUnits({ ...demand, unitsLeft: 100 }), 25);
  assert.equal(runUnits({ ...demand, unitsLeft: 1 }), 1);
});

test('a deadline is ten times the estimate, within bounds', () => {
  assert.equal(deadlineMs(60, demand, 600_000), 600_000);
  assert.equal(deadlineMs(1, demand, 600_000), 60_000);
  assert.equal(deadlineMs(1, { ...demand, fuelPerUnit: undefined }, 600_000), 600_000);
  assert.equal(deadlineMs(1, { ...demand, fuelPerUnit: 1e15 }, 600_000), 660_000);
});
