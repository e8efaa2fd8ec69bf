import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Opinion } from './model-servers.ts';
import { createModelWorld, type ModelWorld } from './model-world.ts';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

type Step = fc.Command<object, ModelWorld>;

/** A step that is possible in every state, or does nothing where it means nothing; what it says must hold afterwards. */
function step(name: string, run: (world: ModelWorld) => void): Step {
  return {
    check: () => true,
    run(_model, world) {
      run(world);
      world.check();
    },
    toString: () => name,
  };
}

const agentSteps = [
  step('agent starts', (world) => {
    const { agent, application } = world;
    if (agent.isRunning || !agent.hasConsent) return;
    world.startAgent();
    const answer = agent.consult();
    const isServed = answer.kind === 'granted' && answer.draining === undefined;
    if (isServed && application.isRunning && application.believes(agent.claims))
      assert.equal(application.state.kind, 'active', 'agent back, active at once');
  }),
  step('agent stops', (world) => {
    if (!world.agent.isRunning) return;
    world.endAgent('stopped');
    assert.ok(!['active', 'draining'].includes(world.application.state.kind), 'restricted at once');
  }),
  step('agent crashes', (world) => {
    if (world.agent.isRunning) world.endAgent('crashed');
  }),
  step('pause without an end', ({ agent }) => agent.isRunning && agent.apply({ kind: 'pause' })),
  step('pause for 15 minutes', ({ agent, machine }) => {
    const untilMs = machine.clock.now().getTime() + 15 * minute;
    if (agent.isRunning) agent.apply({ kind: 'pause', untilMs });
  }),
  step('resume', ({ agent }) => agent.isRunning && agent.apply({ kind: 'resume' })),
  step('consent withdrawn', ({ agent, application }) => {
    agent.hasConsent = false;
    if (!agent.isRunning) return;
    agent.apply({ kind: 'withdraw' });
    assert.equal(application.state.kind, 'restricted', 'restricted at once');
  }),
  step('consent given', ({ agent }) => {
    agent.hasConsent = true;
    if (!agent.isRunning) return;
    agent.apply({ kind: 'consent' });
    if (agent.state.kind === 'consented') agent.apply({ kind: 'start' });
  }),
];

const serverSteps = [
  ...[true, false].flatMap((isReachable) => [
    step(`vendor ${isReachable ? '' : 'un'}reachable`, ({ servers }) => {
      servers.isVendorReachable = isReachable;
    }),
    step(`dispatch ${isReachable ? '' : 'un'}reachable`, ({ servers }) => {
      servers.isDispatchReachable = isReachable;
    }),
  ]),
  ...(
    ['computing', 'idle-no-work', 'not-computing', 'suspended', 'readmitted', 'revoked'] satisfies Opinion[]
  ).map((opinion) =>
    step(`receipts say ${opinion}`, ({ servers }) => {
      servers.opinion = opinion;
    }),
  ),
];

const applicationSteps = [
  step('application starts', ({ application }) => application.isRunning || application.start()),
  step('application stops', ({ application }) => application.isRunning && application.stop()),
];

const time = fc
  .oneof(
    fc.integer({ min: 1, max: 120 }).map((seconds) => seconds * 1000),
    fc.integer({ min: 1, max: 90 }).map((minutes) => minutes * minute),
    fc.integer({ min: 1, max: 12 }).map((hours) => hours * hour),
  )
  .map((ms) => step(`${ms / 1000} s pass`, (world) => world.pass(ms)));

const clockSteps = [
  step('clock 30 days back', (world) => world.setClock(-30 * day)),
  step('clock an hour ahead', (world) => world.setClock(hour)),
  step('clock right', (world) => world.setClock(0)),
];

function walk(steps: readonly Step[], numRuns: number): number {
  let timesActive = 0;
  const choices = [time, ...[agentSteps, applicationSteps, steps].map((each) => fc.constantFrom(...each))];
  fc.assert(
    fc.property(fc.commands(choices, { maxCommands: 60, size: 'max' }), (commands) => {
      const world = createModelWorld();
      world.application.start();
      world.startAgent();
      fc.modelRun(() => ({ model: {}, real: world }), commands);
      timesActive += world.timesActive;
    }),
    { numRuns },
  );
  return timesActive;
}

test('no application is active later than the servers’ last word + the larger of grant and offline allowance + one lease', () => {
  assert.ok(walk(serverSteps, 200) > 1000, 'applications were active');
});

test('setting the clock hides no more time than the programs were stopped', () => {
  assert.ok(walk([...serverSteps, ...clockSteps], 200) > 1000, 'applications were active');
});
