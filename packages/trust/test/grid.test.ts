/** The reduced grid: fixed seeds, so that a change of the algorithm shows as a change of its figures. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judgeGoals } from '../src/simulate/goals.ts';
import { provenStrategies, runGrid } from '../src/simulate/grid.ts';
import { runSimulation } from '../src/simulate/run-simulation.ts';
import type { StrategyName } from '../src/simulate/strategy.ts';

const seed = process.env.SEED ?? '1';
console.log(`SEED=${seed}`);

test('a million units, a ring of one in twenty: none wrong before recall, at most 1.15 executions', () => {
  const report = runSimulation({ units: 1_000_000, terminals: 200, strategy: 'collude-trusted', seed });
  assert.equal(report.wrongFinals, 0);
  assert.ok(report.executions <= 1.15, String(report.executions));
  assert.ok(report.referenceShare <= 0.005, String(report.referenceShare));
  assert.equal(report.honestRevoked, 0);
});

test('the reduced grid reaches G1, G2, G3, G5 and G6', () => {
  const others: readonly StrategyName[] = ['whitewash', 'fuel-2-trusted', 'lazy-auditor', 'flaky'];
  const reduced = provenStrategies.filter((name) => !['random-50', 'trust-2000', 'trust-200'].includes(name));
  // Cheats that first do 2,000 honest results waste them when they fall: at 2,200 a terminal that alone is a tenth.
  const size = { units: 100_000, terminals: 45, seed };
  const reports = [
    ...runGrid(size, [0.05], [...reduced, ...others]),
    ...runGrid(size, [0.2], ['collude-trusted', 'random-5', 'trust-200-collude']),
  ];
  const missed = judgeGoals(reports).filter(({ name, isReached }) => name !== 'G4' && !isReached);
  assert.deepEqual(missed, []);
});
