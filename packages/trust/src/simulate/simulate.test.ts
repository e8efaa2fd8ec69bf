import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createEventHeap } from './event-heap.ts';
import { defaultOptions } from './options.ts';
import { readSimulationOptions } from './read-options.ts';
import { simulateRival } from './rivals/policies.ts';
import { runSimulation, simulateWorld } from './run-simulation.ts';
import { answers, type StrategyName, strategies } from './strategy.ts';
import { at, reference, runStates } from './unit-store.ts';
import type { World } from './world.ts';

const names = Object.keys(strategies) as StrategyName[];

const anyOptions = fc.record({
  strategy: fc.constantFrom(...names),
  level: fc.constantFrom('economy' as const, 'standard' as const, 'high' as const, 'strict' as const),
  cheaters: fc.constantFrom(0, 0.05, 0.2, 0.5),
  terminals: fc.integer({ min: 1, max: 60 }),
  units: fc.integer({ min: 1, max: 3000 }),
  jobs: fc.integer({ min: 1, max: 4 }),
  decoys: fc.constantFrom(0, 0.01),
  leavers: fc.constantFrom(0, 0.1, 0.9),
  lost: fc.constantFrom(0, 0.05),
  late: fc.constantFrom(0, 0.05),
  identities: fc.constant(5),
  seed: fc.string(),
});

test('whatever the pool and the strategy: all is final, no point is lost, nobody honest is revoked', () => {
  fc.assert(
    fc.property(anyOptions, (options) => {
      const world = simulateWorld(options);
      const report = runSimulation(options);
      assert.equal(report.points.unaccounted, 0);
      assert.equal(report.honestRevoked, 0);
      assert.ok(world.units.state.every((state) => state === runStates.final));
      assertEscrowIsEmpty(world);
      assertWrongFinalsAreExplained(world);
    }),
    { numRuns: 60 },
  );
});

test('poison, new identities and lost copies: every recall comes to its end once', () => {
  for (const seed of ['1', '2', '3']) {
    const world = simulateWorld({
      units: 20_000,
      terminals: 20,
      cheaters: 0.5,
      strategy: 'whitewash-poison',
      lost: 0.03,
      seed,
    });
    assert.ok(world.terminals.every(({ recallsOut }) => recallsOut >= 0));
    assert.ok(world.terminals.some(({ recallsDone }) => recallsDone > 0));
  }
});

test('the same seed gives the same report, another seed another', () => {
  const options = { units: 5000, terminals: 20, strategy: 'random-10' } as const;
  assert.deepEqual(runSimulation(options), runSimulation(options));
  assert.notDeepEqual(runSimulation({ ...options, seed: '2' }).executions, runSimulation(options).executions);
});

test('two terminals of two members get their job done, and the reference takes what they cannot', () => {
  const report = runSimulation({ units: 200, terminals: 2, cheaters: 0, strategy: 'honest' });
  assert.equal(report.wrongAfterRecall, 0);
  assert.ok(report.referenceShare > 0.1, String(report.referenceShare));
});

test('a pool of cheats only still gives right results: the reference takes the rest', () => {
  const report = runSimulation({ units: 100, terminals: 3, cheaters: 1, strategy: 'always' });
  assert.equal(report.wrongAfterRecall, 0);
  assert.equal(report.cheatsRevoked, 3);
});

test('strict accepts nothing wrong from liars who do not collude', () => {
  const report = runSimulation({
    units: 10_000,
    terminals: 40,
    cheaters: 0.2,
    strategy: 'random-1',
    level: 'strict',
  });
  assert.equal(report.wrongFinals, 0);
});

test('decoys expose a ring that covers for them', () => {
  const options = {
    units: 20_000,
    terminals: 50,
    cheaters: 0.2,
    strategy: 'collude-safe',
    lieRate: 1e-9,
  } as const;
  assert.equal(runSimulation({ ...options, decoys: 0 }).cheatsRevoked, 0);
  assert.ok(runSimulation({ ...options, decoys: 0.01 }).cheatsRevoked >= 5);
});

test('a quorum of two accepts what a ring of f holds both copies of: f²', () => {
  const { wrongRate, executions } = simulateRival('quorum-2', {
    ...defaultOptions,
    units: 50_000,
    terminals: 400,
    cheaters: 0.2,
    strategy: 'collude-safe',
  });
  assert.ok(wrongRate > 0.02 && wrongRate < 0.06, String(wrongRate));
  assert.ok(executions > 1.99 && executions < 2.02, String(executions));
});

test('the queue gives terminals in order of time', () => {
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 1000 }), { maxLength: 3000 }), (times) => {
      const heap = createEventHeap();
      for (const [terminal, time] of times.entries()) heap.push(time, terminal);
      const popped: number[] = [];
      while (heap.pop() !== undefined) popped.push(heap.poppedAt);
      assert.deepEqual(
        popped,
        times.toSorted((one, other) => one - other),
      );
    }),
  );
});

test('a wrong flag is named with what it should be', () => {
  assert.equal(readSimulationOptions({ units: '1e6', cheaters: '0.2' }).units, 1_000_000);
  assert.throws(
    () => readSimulationOptions({ strategy: 'nonsense' }),
    /--strategy is not one of honest, always/,
  );
  assert.throws(() => readSimulationOptions({ lieRate: '2' }), /--lie-rate is not a number from 0 to 1/);
  assert.throws(() => readSimulationOptions({ units: '1.5' }), /--units is not a whole number/);
});

/** At the end nothing is open: what was claimed is paid, forfeited, or waits for a newcomer to be vested. */
function assertEscrowIsEmpty({ terminals }: World): void {
  for (const { trust, escrow, unvested, claimed, paid, forfeited } of terminals) {
    assert.equal(escrow, 0);
    assert.equal(claimed, paid + forfeited + unvested);
    assert.ok(unvested === 0 || trust.standing === 'probation');
  }
}

/** A wrong result is final only where no honest terminal and no reference ever computed it. */
function assertWrongFinalsAreExplained({ units, terminals }: World): void {
  for (const [unit, answer] of units.answer.entries()) {
    if (answer === answers.right) continue;
    const voucher = at(units.voucher, unit);
    assert.notEqual(voucher, reference);
    if (voucher >= 0) assert.ok(terminals[voucher]?.strategy.lieRate !== 0);
  }
}
