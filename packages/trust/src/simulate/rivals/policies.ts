import type { SimulationOptions } from '../options.ts';
import { answers } from '../strategy.ts';
import type { SimulatedTerminal } from '../terminal.ts';
import {
  findQuorum,
  type Policy,
  type RivalName,
  type RivalPool,
  type RivalReport,
  runRival,
} from './rival.ts';
import { sarmenta } from './sarmenta.ts';

/** Simulates a rival on the same pool. */
export function simulateRival(policy: RivalName, options: SimulationOptions): RivalReport {
  return runRival(policy, options, policies[policy]);
}

/** All rivals, in the order of the table. */
export const rivalNames: readonly RivalName[] = [
  'single',
  'quorum-2',
  'quorum-3',
  'boinc-adaptive',
  'sarmenta',
];

const policies: Record<RivalName, (pool: RivalPool) => Policy> = {
  single: () => (pool, unit) => pool.ask(pool.pick([]), unit, { isTrusted: true, isSafe: true }),
  'quorum-2': () => (pool, unit) => acceptQuorum(pool, unit, 2),
  'quorum-3': () => (pool, unit) => acceptQuorum(pool, unit, 3),
  'boinc-adaptive': boincAdaptive,
  sarmenta,
};

/** `needed` copies at once, and more until as many agree. */
function acceptQuorum(pool: RivalPool, unit: number, needed: number): number {
  const holders = pickSeveral(pool, needed, []);
  const isSafe = holders.every(({ strategy }) => strategy.inRing);
  const given = holders.map((terminal) => pool.ask(terminal, unit, { isTrusted: true, isSafe }));
  for (let asked = needed; asked < copiesMax; asked++) {
    const agreed = findQuorum(given, needed);
    if (agreed !== undefined) return agreed;
    const another = pool.pick(holders);
    holders.push(another);
    given.push(pool.ask(another, unit, { isTrusted: true, isSafe: false }));
  }
  // Nothing is accepted that so many cannot agree on.
  return answers.right;
}

/**
 * BOINC's adaptive replication: a host with ten consecutive valid results or more is believed alone with probability
 * 1 − 1/CV; otherwise two must agree. A wrong result sets CV to zero; nobody is banned and nothing is taken back.
 */
function boincAdaptive(pool: RivalPool): Policy {
  const valid = new Int32Array(pool.terminals.length);
  return (_, unit) => {
    const first = pool.pick([]);
    const count = valid[first.index] ?? 0;
    const isTrusted = count >= trustedFrom;
    if (isTrusted && pool.random.fraction() >= 1 / count) {
      valid[first.index] = count + 1;
      return pool.ask(first, unit, { isTrusted, isSafe: false });
    }
    const holders = [first, pool.pick([first])];
    const isSafe = holders.every(({ strategy }) => strategy.inRing);
    const given = holders.map((terminal) =>
      pool.ask(terminal, unit, { isTrusted: (valid[terminal.index] ?? 0) >= trustedFrom, isSafe }),
    );
    let agreed = findQuorum(given, 2);
    while (agreed === undefined && holders.length < copiesMax) {
      const another = pool.pick(holders);
      holders.push(another);
      given.push(pool.ask(another, unit, { isTrusted: true, isSafe: false }));
      agreed = findQuorum(given, 2);
    }
    for (const [place, { index }] of holders.entries()) {
      valid[index] = given[place] === agreed ? (valid[index] ?? 0) + 1 : 0;
    }
    return agreed ?? answers.right;
  };
}

function pickSeveral(pool: RivalPool, count: number, chosen: SimulatedTerminal[]): SimulatedTerminal[] {
  while (chosen.length < count) chosen.push(pool.pick(chosen));
  return chosen;
}

const trustedFrom = 10;
const copiesMax = 12;
