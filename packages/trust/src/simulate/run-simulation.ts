import { seededRandom } from '@taika/runtime/random';
import { flushRound, isJobFinal, isQuiet, releaseRest, takeByReference } from './flush-round.ts';
import { wake } from './hand-out.ts';
import { defaultOptions, type SimulationOptions } from './options.ts';
import { ownChance } from './own-chance.ts';
import { act } from './perform.ts';
import { createPopulation } from './population.ts';
import { reportOn, type SimulationReport } from './report.ts';
import { answers } from './strategy.ts';
import { finishTask, goOn, runReference } from './work.ts';
import { type Chance, createWorld, terminalAt, type World } from './world.ts';

/** Simulates a pool and its jobs to the end and says what came of it. The same options give the same report. */
export function runSimulation(options: Partial<SimulationOptions> = {}): SimulationReport {
  return reportOn(simulateWorld(options));
}

/** The world at the end, for tests that look closer than the report does. */
export function simulateWorld(partial: Partial<SimulationOptions>, chance: Chance = ownChance): World {
  const options = { ...defaultOptions, ...partial };
  const random = seededRandom(options.seed);
  const terminals = createPopulation(options, random);
  const world = createWorld(options, random, { terminals, chance });
  for (const { joinsAt, index, trust } of world.terminals) {
    if (!trust.isDecoy) world.heap.push(joinsAt, index);
  }
  for (let job = 0; job < options.jobs; job++) {
    world.jobFrom = Math.floor((options.units * job) / options.jobs);
    world.jobTo = Math.floor((options.units * (job + 1)) / options.jobs);
    runJob(world);
  }
  return world;
}

function runJob(world: World): void {
  world.cursor = world.jobFrom;
  world.newcomerRuns = 0;
  for (const terminal of world.terminals) {
    terminal.jobRuns = 0;
    wake(world, terminal);
  }
  let idleSteps = 0;
  let flushRounds = 0;
  for (;;) {
    if (isQuiet(world)) {
      if (isJobFinal(world)) return;
      if (++flushRounds > flushRoundsMax)
        throw new Error(`The flush does not end; seed ${world.options.seed}.`);
      flushRound(world);
      runReference(world);
      continue;
    }
    const index = world.heap.pop();
    idleSteps = world.outstanding === 0 ? idleSteps + 1 : 0;
    if (index === undefined || idleSteps > idleStepsMax) {
      releaseRest(world);
      takeByReference(world);
      idleSteps = 0;
    }
    if (index !== undefined) step(world, index);
    runReference(world);
  }
}

function step(world: World, index: number): void {
  world.now = world.heap.poppedAt;
  const terminal = terminalAt(world, index);
  if (terminal.task >= 0) {
    if (terminal.finishAt === world.now) finishTask(world, terminal);
  } else {
    goOn(world, terminal);
  }
  const { options, random } = world;
  if (options.decoys > 0 && world.cursor < world.jobTo && random.fraction() < options.decoys) {
    lie(world, world.cursor++);
  }
}

/** The contractor's decoy hands in a known wrong answer, which the ring takes for a fellow's. */
function lie(world: World, unit: number): void {
  world.units.author[unit] = world.decoy.index;
  world.units.answer[unit] = answers.ring;
  act(world, world.decoy, null, unit, {
    kind: 'committed',
    fuel: 1n,
    typicalFuel: null,
    isCritical: false,
  });
}

/** Each round either makes runs final or finds a liar; more than this many are a defect of ours. */
const flushRoundsMax = 10_000;
/** Steps with nothing out at any terminal after which nobody is expected to take what is left. */
const idleStepsMax = 10_000;
