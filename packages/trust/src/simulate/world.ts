import type { Random } from '@taika/runtime/random';
import type { Effect } from '../effect.ts';
import type { TrustEvent } from '../event.ts';
import type { JobTrust, Pool, TrustState } from '../state.ts';
import { createEventHeap, type EventHeap } from './event-heap.ts';
import type { SimulationOptions } from './options.ts';
import { strategies } from './strategy.ts';
import { createTally, type Tally } from './tally.ts';
import { createTerminal, type SimulatedTerminal } from './terminal.ts';
import { at, createUnitStore, nobody, type UnitStore } from './unit-store.ts';

/** A decision that a world asks for. */
export interface Question {
  readonly author: SimulatedTerminal;
  readonly partner: SimulatedTerminal | null;
  /** The run that it is about; `nobody` where the terminal asks for one. */
  readonly unit: number;
  readonly event: TrustEvent;
  readonly state: Omit<TrustState, 'pool'>;
}

/** What drives a world: its own chance (own-chance.ts), or the record of what servers did (follow-trace.ts). */
export interface Chance {
  decide(world: World, question: Question): readonly Effect[];
  /** Draws `count` of a terminal's open runs without replacement. */
  sample(
    world: World,
    terminal: SimulatedTerminal,
    open: readonly number[],
    count: number,
  ): readonly number[];
  /** The terminal was chosen for a copy of the run. */
  assign(world: World, terminal: SimulatedTerminal, unit: number): void;
}

/** The whole simulated contractor: what a server has in its database, and the clock. */
export interface World {
  readonly options: SimulationOptions;
  readonly chance: Chance;
  readonly random: Random;
  readonly terminals: SimulatedTerminal[];
  readonly units: UnitStore;
  readonly tally: Tally;
  readonly heap: EventHeap;
  readonly trusted: TrustedPool;
  readonly decoy: SimulatedTerminal;
  now: number;
  /** Runs of the job under way: from, to, and the next never handed out. */
  jobFrom: number;
  jobTo: number;
  cursor: number;
  newcomerRuns: number;
  /** Runs to be handed out again. */
  readonly ready: number[];
  /** Of runs that went out again: the members who had them. */
  readonly formerMembers: Map<number, number[]>;
  /** Of runs with more than one equal copy, or with one of a terminal that could not vouch: who agreed beside the voucher. */
  readonly otherVouchers: Map<number, number[]>;
  /** Terminals that found nothing to do. */
  readonly idle: number[];
  /** Runs that the reference executor shall compute. */
  readonly referenceQueue: number[];
  /** Tasks at terminals, and copies waiting in their inboxes. */
  outstanding: number;
}

/** The pool with the changes that a server's cache would get. */
export interface TrustedPool extends Pool {
  add(terminal: SimulatedTerminal): void;
  remove(terminal: SimulatedTerminal): void;
}

/** A pool that has not begun to work. Terminals are found by their place in the list, so it may have holes. */
export function createWorld(
  options: SimulationOptions,
  random: Random,
  { terminals, chance }: { readonly terminals: SimulatedTerminal[]; readonly chance: Chance },
): World {
  // The decoy comes after the pool, never asks for work by itself, and is nobody's partner.
  const decoy = createTerminal({
    index: terminals.length,
    network: 0,
    week: 0,
    strategy: strategies.honest,
    isCheat: false,
    speed: 1,
    joinsAt: 0,
    identity: 0,
    isDecoy: true,
  });
  terminals.push(decoy);
  return {
    options,
    chance,
    random,
    terminals,
    units: createUnitStore(options.units),
    tally: createTally(),
    heap: createEventHeap(),
    trusted: createTrustedPool(terminals),
    decoy,
    now: 0,
    jobFrom: 0,
    jobTo: 0,
    cursor: 0,
    newcomerRuns: 0,
    ready: [],
    formerMembers: new Map(),
    otherVouchers: new Map(),
    idle: [],
    referenceQueue: [],
    outstanding: 0,
  };
}

/** What decide() says about an event of `author`, with `partner` as who computed the other copy. */
export function consult(
  world: World,
  author: SimulatedTerminal,
  partner: SimulatedTerminal | null,
  unit: number,
  event: TrustEvent,
): readonly Effect[] {
  const job: JobTrust = {
    level: world.options.level,
    artefact: 'fast',
    runs: world.jobTo - world.jobFrom,
    newcomerRuns: world.newcomerRuns,
    memberRuns: author.jobRuns,
  };
  const formerMembers = unit === nobody ? [] : formerMembersOf(world, unit, author);
  const state = { terminal: author.trust, partner: partner?.trust ?? null, job, formerMembers };
  return world.chance.decide(world, { author, partner, unit, event, state });
}

/** Members other than the author's who had the run before, or a copy of it that came in. */
function formerMembersOf(world: World, unit: number, author: SimulatedTerminal): readonly number[] {
  const copyBy = at(world.units.copyBy, unit);
  const former = world.formerMembers.get(unit) ?? noMembers;
  const all = copyBy >= 0 ? [...former, terminalAt(world, copyBy).trust.member] : former;
  return all.length === 0 ? all : [...new Set(all)].filter((member) => member !== author.trust.member);
}

/** Nearly every run's. */
const noMembers: readonly number[] = [];

/** The terminal of a row's number. Asserts that there is one: numbers come from the rows themselves. */
export function terminalAt(world: World, number: number): SimulatedTerminal {
  const terminal = world.terminals[number];
  if (terminal === undefined) throw new Error(`No terminal ${number}.`);
  return terminal;
}

function createTrustedPool(terminals: readonly SimulatedTerminal[]): TrustedPool {
  const members: SimulatedTerminal[] = [];
  const weeks = new Map<number, number>();
  return {
    get trusted() {
      return members.length;
    },
    at(index) {
      const member = members[index] ?? terminals[0];
      if (member === undefined) throw new Error('The pool is empty.');
      return member.trust;
    },
    inWeek: (week) => weeks.get(week) ?? 0,
    add(terminal) {
      if (terminal.poolIndex >= 0) return;
      terminal.poolIndex = members.length;
      members.push(terminal);
      weeks.set(terminal.trust.week, (weeks.get(terminal.trust.week) ?? 0) + 1);
    },
    remove(terminal) {
      const last = members.at(-1);
      if (terminal.poolIndex < 0 || last === undefined) return;
      members[terminal.poolIndex] = last;
      last.poolIndex = terminal.poolIndex;
      members.pop();
      terminal.poolIndex = -1;
      weeks.set(terminal.trust.week, (weeks.get(terminal.trust.week) ?? 1) - 1);
    },
  };
}
