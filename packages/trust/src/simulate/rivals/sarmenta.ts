import { answers, isSameAnswer } from '../strategy.ts';
import type { SimulatedTerminal } from '../terminal.ts';
import type { Policy, RivalPool } from './rival.ts';

/**
 * Sarmenta's credibility-based voting with spot-checks and blacklisting (2002): a worker that passed k checks is wrong with
 * probability at most f/(1 − f) · 1/(k·e), f being the share of saboteurs that is assumed; votes are added until one
 * answer's conditional credibility reaches the threshold. A failed check takes a worker out. Votes are taken to be
 * independent, which a ring is not; checks are known answers and cost a tenth of the work.
 */
export function sarmenta(pool: RivalPool): Policy {
  const passed = new Int32Array(pool.terminals.length);
  const isOut = new Uint8Array(pool.terminals.length);
  const doubt = (terminal: SimulatedTerminal) => {
    const checks = passed[terminal.index] ?? 0;
    return checks === 0
      ? assumedShare
      : Math.min(assumedShare, assumedShare / (1 - assumedShare) / (checks * Math.E));
  };

  function spotCheck(terminal: SimulatedTerminal, unit: number): void {
    // The worker cannot tell a check: it answers as always.
    if (
      pool.ask(terminal, unit, { isTrusted: (passed[terminal.index] ?? 0) > 0, isSafe: false }) ===
      answers.right
    ) {
      passed[terminal.index] = (passed[terminal.index] ?? 0) + 1;
    } else {
      isOut[terminal.index] = 1;
    }
  }

  function pickWorker(others: readonly SimulatedTerminal[]): SimulatedTerminal {
    for (;;) {
      const terminal = pool.pick(others);
      if (isOut[terminal.index] === 0) return terminal;
    }
  }

  return (_, unit) => {
    const voters: SimulatedTerminal[] = [];
    const votes: number[] = [];
    while (voters.length < votersMax) {
      const terminal = pickWorker(voters);
      if (pool.random.fraction() < checkShare) spotCheck(terminal, unit);
      if (isOut[terminal.index] === 1) continue;
      voters.push(terminal);
      votes.push(pool.ask(terminal, unit, { isTrusted: (passed[terminal.index] ?? 0) > 0, isSafe: false }));
      const believed = findCredible(votes, voters.map(doubt));
      if (believed !== undefined) return believed;
    }
    return answers.right;
  };
}

/** The answer whose group is credible: its members right and all others wrong, among all ways in which at most one group is right. */
function findCredible(votes: readonly number[], doubts: readonly number[]): number | undefined {
  const groups = votes.filter(
    (vote, place) => votes.findIndex((other) => other === vote || isSameAnswer(other, vote)) === place,
  );
  const weight = (group: number | null) =>
    votes.reduce((product, vote, place) => {
      const wrong = doubts[place] ?? 1;
      return product * (vote === group ? 1 - wrong : wrong);
    }, 1);
  const total = groups.reduce((sum, group) => sum + weight(group), weight(null));
  return groups.find((group) => weight(group) / total >= 1 - errorMax);
}

/** The share of saboteurs that the contractor assumes. */
const assumedShare = 0.05;
/** The rate of wrong results that is promised. */
const errorMax = 1e-6;
const checkShare = 0.1;
const votersMax = 12;
