import assert from 'node:assert/strict';
import { test } from 'node:test';
import { packRun } from '../results/packed-run.ts';
import { type ComparedResult, compareResults, differingUnits } from './compare-results.ts';

/** Of each unit its output's one byte, and its fuel. */
function resultOf(units: readonly (readonly [number, number])[]): ComparedResult {
  return {
    units: units.length,
    digests: Buffer.concat(units.map(([output, fuel]) => Buffer.alloc(32, output * 16 + fuel))),
    outputs: packRun(units.map(([output, fuel]) => ({ fuel, output: Buffer.of(output) }))),
    blobs: null,
    failures: null,
  };
}

const ours = resultOf([
  [1, 1],
  [2, 1],
  [3, 1],
  [4, 1],
]);

test('a comparison says which units differ, and no more than those', () => {
  assert.deepEqual(differingUnits(ours, ours), []);
  assert.equal(compareResults(ours, ours), 'equal');
  const other = resultOf([
    [1, 1],
    [9, 1],
    [3, 1],
    [9, 1],
  ]);
  assert.deepEqual(differingUnits(ours, other), [1, 3]);
  assert.equal(compareResults(ours, other), 'other-bytes');
  const more = resultOf([
    [1, 1],
    [2, 1],
    [3, 2],
    [4, 1],
  ]);
  assert.deepEqual(differingUnits(ours, more), [2]);
  assert.equal(compareResults(ours, more), 'other-fuel');
});

test('of a copy in part only its own units are compared', () => {
  assert.deepEqual(
    differingUnits(
      ours,
      resultOf([
        [1, 1],
        [2, 1],
      ]),
    ),
    [],
  );
  assert.deepEqual(
    differingUnits(
      ours,
      resultOf([
        [9, 1],
        [2, 1],
      ]),
    ),
    [0],
  );
});
