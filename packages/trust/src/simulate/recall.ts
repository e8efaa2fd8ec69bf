import { makeReady } from './hand-out.ts';
import { answers } from './strategy.ts';
import type { SimulatedTerminal } from './terminal.ts';
import { at, nobody, reference, runStates } from './unit-store.ts';
import { terminalAt, type World } from './world.ts';

/**
 * Drops a revoked terminal's open runs, and gives those that a terminal vouched for, to be picked. What the reference
 * vouched for is true and stays; what awaits a copy is dealt with when that is in.
 */
export function dropOpen(world: World, terminal: SimulatedTerminal): number[] {
  const { units } = world;
  const vouched: number[] = [];
  // From the first: a run that awaits its copy may be older than those that became final meanwhile.
  for (let unit = terminal.first; unit !== nobody; unit = at(units.next, unit)) {
    if (at(units.state, unit) !== runStates.open || at(units.author, unit) !== terminal.index) continue;
    if (at(units.awaits, unit) === 1) {
      terminal.recallsOut++;
      continue;
    }
    const voucher = at(units.voucher, unit);
    if (voucher >= 0) vouched.push(unit);
    else if (voucher === reference) units.state[unit] = runStates.final;
    else drop(world, terminal, unit);
  }
  terminal.recallsOut += vouched.length;
  return vouched;
}

/** Out again; the next result shows whether what is dropped was a lie. */
function drop(world: World, terminal: SimulatedTerminal, unit: number): void {
  world.units.droppedBy[unit] = terminal.index;
  world.units.dropped[unit] = at(world.units.answer, unit);
  terminal.recallsOut++;
  makeReady(world, unit);
}

/** The final runs of a revoked terminal whose truth the reference has not told; its list begins anew. */
export function recallFinal(world: World, terminal: SimulatedTerminal): number[] {
  const { units, tally } = world;
  const picked: number[] = [];
  for (let unit = terminal.first; unit !== nobody; unit = at(units.next, unit)) {
    const isFinal = at(units.state, unit) === runStates.final && at(units.author, unit) === terminal.index;
    const isKnown = at(units.voucher, unit) === reference || at(units.copyBy, unit) === reference;
    if (isFinal && at(units.awaits, unit) === 0 && !isKnown) picked.push(unit);
  }
  terminal.first = nobody;
  terminal.last = nobody;
  terminal.openHead = nobody;
  terminal.flushLast = nobody;
  terminal.recallsOut += picked.length;
  tally.recalled += picked.length;
  return picked;
}

/** The reference executor's answer stands: final, and corrected where a wrong one was final before. */
export function settle(world: World, unit: number): void {
  const { units, tally } = world;
  const isWrong = at(units.answer, unit) !== answers.right;
  const author = terminalAt(world, at(units.author, unit));
  if (isWrong) author.recallsWrong++;
  if (isWrong && at(units.state, unit) === runStates.final) tally.corrected++;
  units.state[unit] = runStates.final;
  units.answer[unit] = answers.right;
  units.copyBy[unit] = reference;
  units.awaits[unit] = 0;
}
