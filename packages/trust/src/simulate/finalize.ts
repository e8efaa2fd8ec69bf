import { answers } from './strategy.ts';
import type { SimulatedTerminal } from './terminal.ts';
import { at, nobody, runStates } from './unit-store.ts';
import type { World } from './world.ts';

/** What a run is worth: one point, or what its terminal made of it. */
export function pointsOf(answer: number): number {
  return answer === answers.fuel2 ? 2 : answer === answers.fuel10 ? 10 : 1;
}

/** Runs with `finalAfter` ≤ `passed` become final; those that await a copy do when it is in. */
export function finalizePassed(
  world: World,
  terminal: SimulatedTerminal,
  passed: number,
  isVested: boolean,
): void {
  const { units } = world;
  let unit = terminal.openHead;
  while (unit !== nobody) {
    const isOpen = at(units.state, unit) === runStates.open;
    if (isOpen && at(units.finalAfter, unit) > passed) break;
    if (isOpen && at(units.awaits, unit) === 0) finalizeRun(world, terminal, unit, isVested);
    unit = at(units.next, unit);
  }
  terminal.openHead = unit;
}

/** The runs that the flush was drawn from become final; some may be so by the audits that the flush was. */
export function finalizeJob(world: World, terminal: SimulatedTerminal, isVested: boolean): void {
  const { units } = world;
  if (terminal.flushLast === nobody) return;
  const until = at(units.committedAt, terminal.flushLast);
  let unit = terminal.openHead;
  while (unit !== nobody && at(units.committedAt, unit) <= until) {
    if (at(units.state, unit) === runStates.open && at(units.awaits, unit) === 0) {
      finalizeRun(world, terminal, unit, isVested);
    }
    unit = at(units.next, unit);
  }
  terminal.openHead = unit;
  terminal.flushLast = nobody;
}

/** One run is final: what it earned leaves the escrow. */
export function finalizeRun(
  { units, tally, now }: World,
  terminal: SimulatedTerminal,
  unit: number,
  isVested: boolean,
): void {
  const answer = at(units.answer, unit);
  const points = pointsOf(answer);
  units.state[unit] = runStates.final;
  const delay = Math.min(tally.finalityDelay.length - 1, Math.floor(now - at(units.committedAt, unit)));
  tally.finalityDelay[delay] = (tally.finalityDelay[delay] ?? 0) + 1;
  terminal.escrow -= points;
  if (isVested) terminal.paid += points;
  else terminal.unvested += points;
  if (answer === answers.right) return;
  tally.wrongFinals++;
  terminal.wrongFinals++;
  if (isVested) tally.paidForLies += points;
  else terminal.unvestedForLies += points;
}

/** The terminal is TRUSTED now: what was final already is paid. */
export function vest({ tally }: World, terminal: SimulatedTerminal): void {
  terminal.paid += terminal.unvested;
  tally.paidForLies += terminal.unvestedForLies;
  terminal.unvested = 0;
  terminal.unvestedForLies = 0;
}
