import { type Random, seededRandom } from '@taika/runtime/random';
import type { SimulationOptions } from '../options.ts';
import { createPopulation } from '../population.ts';
import { answerOf, answers, isSameAnswer, strategies } from '../strategy.ts';
import type { SimulatedTerminal } from '../terminal.ts';

/** The policies that others use, on the same pool with the same strategies. */
export type RivalName = 'single' | 'quorum-2' | 'quorum-3' | 'boinc-adaptive' | 'sarmenta';

/** What a rival's run found. */
export interface RivalReport {
  readonly policy: RivalName;
  readonly options: SimulationOptions;
  readonly wrongRate: number;
  readonly executions: number;
}

/** A pool without a clock: each run is computed by terminals in proportion to their speed. */
export interface RivalPool {
  readonly random: Random;
  readonly terminals: readonly SimulatedTerminal[];
  executions: number;
  /** Somebody of another member than those given, as likely as it is fast. */
  pick(others: readonly SimulatedTerminal[]): SimulatedTerminal;
  /** What the terminal answers. `holders` are all who compute the run, where the policy lets a ring know. */
  ask(terminal: SimulatedTerminal, unit: number, sight: { isTrusted: boolean; isSafe: boolean }): number;
}

/** A policy: accepts one answer for a run. */
export type Policy = (pool: RivalPool, unit: number) => number;

/** Runs a policy over all units of the options. */
export function runRival(
  policy: RivalName,
  options: SimulationOptions,
  accept: (pool: RivalPool) => Policy,
): RivalReport {
  const pool = createRivalPool(options);
  const decideUnit = accept(pool);
  let wrong = 0;
  for (let unit = 0; unit < options.units; unit++) {
    if (decideUnit(pool, unit) !== answers.right) wrong++;
  }
  return { policy, options, wrongRate: wrong / options.units, executions: pool.executions / options.units };
}

/** The first answer that `needed` terminals gave; undefined while none has. */
export function findQuorum(given: readonly number[], needed: number): number | undefined {
  return given.find(
    (answer) =>
      given.filter((other) => other === answer || isSameAnswer(other, answer)).length >= needed &&
      (needed === 1 || answer !== answers.own),
  );
}

function createRivalPool(options: SimulationOptions): RivalPool {
  const random = seededRandom(options.seed);
  const terminals = createPopulation(options, random);
  const bySpeed = speedTable(terminals);
  const isSafeRing = options.strategy === 'collude-safe';
  return {
    random,
    terminals,
    executions: 0,
    pick(others) {
      for (;;) {
        const terminal = terminals[bySpeed[Math.floor(random.fraction() * bySpeed.length)] ?? 0];
        if (terminal !== undefined && !others.includes(terminal)) return terminal;
      }
    },
    ask(terminal, unit, { isTrusted, isSafe }) {
      // A computation that comes too late is paid for in time and gives nothing.
      this.executions += 1 / (1 - options.late);
      const { strategy } = terminal;
      const committed = terminal.commits++;
      // Where the copies are handed out ahead, a ring lies whenever it holds them all, and never else.
      if (isSafeRing && strategy.inRing && isSafe) return answers.ring;
      if (isSafeRing && strategy === strategies['collude-safe'] && !isTrusted) return answers.right;
      return answerOf(
        strategy,
        { unit, isCopy: false, isTrusted, committed, isFellowsLie: false },
        random.fraction(),
      );
    },
  };
}

/** Terminals' numbers, each as often as its speed wants. */
function speedTable(terminals: readonly SimulatedTerminal[]): Int32Array {
  const places: number[] = [];
  for (const { index, speed } of terminals) {
    for (let share = Math.round(speed * tableShare); share > 0; share--) places.push(index);
  }
  return Int32Array.from(places);
}

const tableShare = 50;
