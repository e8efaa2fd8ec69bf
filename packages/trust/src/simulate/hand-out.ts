import { probationResults } from '../figures.ts';
import type { SimulatedTerminal } from './terminal.ts';
import { at, nobody, runStates } from './unit-store.ts';
import { consult, terminalAt, type World } from './world.ts';

/** Gives a terminal its next task: a copy that it was chosen for, else a run of the job; or lets it wait. */
export function giveWork(world: World, terminal: SimulatedTerminal): void {
  if (terminal.trust.standing === 'revoked' || terminal.trust.isDecoy) return;
  const copy = takeFromInbox(world, terminal);
  if (copy !== nobody) {
    startTask(world, terminal, copy, true);
    return;
  }
  if (world.ready.length === 0 && world.cursor === world.jobTo) {
    rest(world, terminal);
    return;
  }
  if (consult(world, terminal, null, nobody, { kind: 'asked' })[0]?.kind !== 'issue') {
    // Asks again later; until then others work on.
    world.heap.push(world.now + probationResults, terminal.index);
    return;
  }
  const unit = takeRun(world, terminal);
  if (unit === nobody) {
    rest(world, terminal);
    return;
  }
  terminal.jobRuns++;
  if (terminal.trust.standing === 'probation') world.newcomerRuns++;
  startTask(world, terminal, unit, false);
}

/** True once the terminal has left for good. */
export function isGone({ now }: World, { leavesAt }: SimulatedTerminal): boolean {
  return now >= leavesAt;
}

/** Wakes a terminal that waits for work. */
export function wake(world: World, terminal: SimulatedTerminal): void {
  if (!terminal.isIdle) return;
  terminal.isIdle = false;
  world.heap.push(world.now, terminal.index);
}

/** Puts a run back among those to be handed out. */
export function makeReady(world: World, unit: number): void {
  const { units, idle } = world;
  units.state[unit] = runStates.ready;
  units.awaits[unit] = 0;
  noteHolders(world, unit);
  world.ready.push(unit);
  for (let place = idle.length - 1; place >= 0; place--) {
    const terminal = terminalAt(world, idle[place] ?? 0);
    if (terminal.isIdle && hadBefore(world, unit, terminal)) continue;
    idle.splice(place, 1);
    if (!terminal.isIdle) continue;
    wake(world, terminal);
    return;
  }
}

/** A unit is offered to a member at most once: whose it was, and who computed a copy of it, gets it no more. */
function noteHolders(world: World, unit: number): void {
  const { units, formerMembers } = world;
  const holders = [at(units.author, unit), at(units.copyBy, unit)].filter((holder) => holder >= 0);
  if (holders.length === 0) return;
  const members = holders.map((holder) => terminalAt(world, holder).trust.member);
  formerMembers.set(unit, [...new Set([...(formerMembers.get(unit) ?? []), ...members])]);
}

function hadBefore({ formerMembers }: World, unit: number, { trust }: SimulatedTerminal): boolean {
  return formerMembers.get(unit)?.includes(trust.member) === true;
}

/** Chooses a terminal's copy task for it. */
export function putIntoInbox(world: World, terminal: SimulatedTerminal, unit: number): void {
  world.units.inboxNext[unit] = nobody;
  if (terminal.inboxHead === nobody) terminal.inboxHead = unit;
  else world.units.inboxNext[terminal.inboxTail] = unit;
  terminal.inboxTail = unit;
  world.outstanding++;
  wake(world, terminal);
}

/** Takes the oldest copy task; −1 where there is none. */
export function takeFromInbox(world: World, terminal: SimulatedTerminal): number {
  const unit = terminal.inboxHead;
  if (unit === nobody) return nobody;
  terminal.inboxHead = at(world.units.inboxNext, unit);
  world.outstanding--;
  return unit;
}

function rest(world: World, terminal: SimulatedTerminal): void {
  terminal.isIdle = true;
  world.idle.push(terminal.index);
}

/** A run that must go out again, of others; else the next one. */
function takeRun(world: World, terminal: SimulatedTerminal): number {
  const { ready } = world;
  for (let place = ready.length - 1; place >= Math.max(0, ready.length - lookBack); place--) {
    const unit = ready[place] ?? nobody;
    if (hadBefore(world, unit, terminal)) continue;
    ready[place] = ready.at(-1) ?? nobody;
    ready.pop();
    return unit;
  }
  return world.cursor < world.jobTo ? world.cursor++ : nobody;
}

function startTask(world: World, terminal: SimulatedTerminal, unit: number, isCopy: boolean): void {
  const { random, options } = world;
  const duration = (0.8 + 0.4 * random.fraction()) / terminal.speed;
  const fate = random.fraction();
  terminal.fate = fate < options.lost ? 'lost' : fate < options.lost + options.late ? 'late' : 'in-time';
  terminal.task = unit;
  terminal.isCopy = isCopy;
  if (world.now + duration > terminal.leavesAt) terminal.fate = 'lost';
  // What is lost or late is given up at the deadline.
  terminal.finishAt = world.now + (terminal.fate === 'in-time' ? duration : deadlineFactor * duration);
  if (!isCopy) {
    world.units.state[unit] = runStates.out;
    world.units.author[unit] = terminal.index;
  }
  world.outstanding++;
  world.heap.push(terminal.finishAt, terminal.index);
}

/** A deadline is ten times the estimate. */
const deadlineFactor = 10;
/** How many runs are looked at for one that a terminal did not compute before. */
const lookBack = 8;
