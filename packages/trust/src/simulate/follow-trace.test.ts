import assert from 'node:assert/strict';
import { test } from 'node:test';
import { endOf, followTrace, type TraceStep } from './follow-trace.ts';
import { ownChance } from './own-chance.ts';
import { simulateWorld } from './run-simulation.ts';
import type { StrategyName } from './strategy.ts';
import { at, nobody } from './unit-store.ts';
import type { Chance, World } from './world.ts';

const names: readonly StrategyName[] = [
  'honest',
  'collude-trusted',
  'random-10',
  'trust-200-collude',
  'fuel-2-trusted',
  'slow-poison',
];

for (const strategy of names) {
  test(`what one simulation did, another lives through in the same way: ${strategy}`, () => {
    const { world, steps } = record(strategy);
    const followed = followTrace(steps, { level: 'standard' });
    assert.equal(followed.parting, undefined);
    for (let unit = 0; unit < world.options.units; unit++) {
      const end = endOf(followed.world, unit);
      const isTakenByReference = at(world.units.author, unit) === world.decoy.index;
      if (end === undefined || isTakenByReference) continue;
      assert.deepEqual(end, endOf(world, unit), `unit ${unit}`);
    }
  });
}

test('a pass that was not given, a recall that was not made and a lie that was kept are found', () => {
  const { steps } = record('collude-trusted');
  const kindsOf = (changed: readonly TraceStep[]) =>
    followTrace(changed, { level: 'standard' }).parting?.kind;
  const withoutPass = steps.map((step, place) =>
    place === firstWith(steps, 'pass')
      ? { ...step, effects: step.effects.filter(({ kind }) => kind !== 'pass') }
      : step,
  );
  assert.equal(kindsOf(withoutPass), 'other-knowledge');
  const withoutRecall = steps.filter(
    ({ event }) => event.kind !== 'picked' || (event.reason !== 'recall' && event.reason !== 'vouched'),
  );
  assert.ok(withoutRecall.length < steps.length);
  assert.equal(kindsOf(withoutRecall), 'not-recorded');
  const convicted = firstWith(steps, 'revoke');
  const kept = steps.map((step, place) => (place === convicted ? { ...step, effects: [] } : step));
  assert.notEqual(kindsOf(kept), undefined);
});

function firstWith(steps: readonly TraceStep[], kind: string): number {
  return steps.findIndex(({ effects }) => effects.some((effect) => effect.kind === kind));
}

/** A simulation, with its decisions as a server would record them. */
function record(strategy: StrategyName): { world: World; steps: TraceStep[] } {
  const steps: TraceStep[] = [];
  const recording: Chance = {
    ...ownChance,
    decide(world, question) {
      const effects = ownChance.decide(world, question);
      const { unit, event, state } = question;
      if (unit === nobody) return effects;
      const column = event.kind === 'compared' ? world.units.copyAnswer : world.units.answer;
      steps.push({ unit, event, state, effects, answer: at(column, unit) });
      return effects;
    },
  };
  const options = { units: 20_000, terminals: 60, cheaters: 0.2, strategy, seed: '7' };
  return { world: simulateWorld(options, recording), steps };
}
