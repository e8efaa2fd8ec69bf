import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cutRun, type UnitWindow, unitsLeft } from './unit-window.ts';

function windowOf(lengths: number[], offsets?: number[]): UnitWindow {
  const starts =
    offsets ??
    lengths.map((_, index) => 100 + lengths.slice(0, index).reduce((sum, length) => sum + length, 0));
  return {
    blockId: 1n,
    jobNumber: 1n,
    firstUnit: 10,
    offsets: Float64Array.from(starts),
    lengths: Float64Array.from(lengths),
    returnedBy: undefined,
    formerMembers: new Set(),
    takenAtMs: 0,
    bytes: undefined,
    handedOut: 0,
    claimed: 0,
  };
}

test('runs are cut from the front, one after the other', () => {
  const window = windowOf([5, 6, 7]);
  const first = cutRun(window, { unitsMax: 2, bytesMax: 1000 });
  assert.deepEqual([first.firstUnit, first.units, first.offset, first.lengths], [10, 2, 100, [5, 6]]);
  const second = cutRun(window, { unitsMax: 2, bytesMax: 1000 });
  assert.deepEqual([second.firstUnit, second.units, second.offset, second.lengths], [12, 1, 111, [7]]);
  assert.equal(unitsLeft(window), 0);
});

test('a run is bounded by bytes, and a large unit goes alone', () => {
  const window = windowOf([50, 5, 5]);
  assert.deepEqual(cutRun(window, { unitsMax: 9, bytesMax: 10 }).lengths, [50]);
  assert.deepEqual(cutRun(window, { unitsMax: 9, bytesMax: 10 }).lengths, [5, 5]);
});

test('a run is one range of the input', () => {
  const window = windowOf([5, 5], [100, 2_000]);
  assert.deepEqual(cutRun(window, { unitsMax: 9, bytesMax: 10_000 }).lengths, [5]);
});

test('a few bytes between two units do not part them, and count as bytes of the run', () => {
  const window = windowOf([5, 6, 7], [100, 106, 120]);
  const run = cutRun(window, { unitsMax: 9, bytesMax: 20 });
  assert.deepEqual([run.offset, run.lengths, run.gaps], [100, [5, 6], [0, 1]]);
  assert.deepEqual(cutRun(window, { unitsMax: 9, bytesMax: 20 }).gaps, [0]);
});
