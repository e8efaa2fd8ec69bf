import { newTerminal, type TerminalTrust } from '../state.ts';
import type { Strategy } from './strategy.ts';

/** A terminal of the simulated pool. Mutable: the simulator is the database here. */
export interface SimulatedTerminal {
  readonly index: number;
  /** The row that decide() reads. */
  trust: TerminalTrust;
  readonly strategy: Strategy;
  readonly isCheat: boolean;
  /** Runs per unit of time. */
  readonly speed: number;
  readonly joinsAt: number;
  /** When it leaves for good; Infinity for most. */
  readonly leavesAt: number;
  /** How many identities its owner used before. */
  readonly identity: number;
  /** Its results in order of commit, linked through UnitStore.next: all, and the first that may be open. */
  first: number;
  last: number;
  openHead: number;
  /** The last result that the flush under way was drawn from. */
  flushLast: number;
  /** Runs that it shall compute copies of, linked through UnitStore.inboxNext. */
  inboxHead: number;
  inboxTail: number;
  /** What it computes now; −1 nothing. */
  task: number;
  isCopy: boolean;
  fate: 'in-time' | 'late' | 'lost';
  finishAt: number;
  isIdle: boolean;
  poolIndex: number;
  jobRuns: number;
  commits: number;
  lies: number;
  firstLieAtCommit: number;
  firstLieOnProbation: boolean;
  wrongFinals: number;
  /** Points: what it claimed is in escrow, waits to be vested, was paid or is forfeited. */
  claimed: number;
  escrow: number;
  unvested: number;
  unvestedForLies: number;
  paid: number;
  forfeited: number;
  recallsOut: number;
  recallsDone: number;
  recallsWrong: number;
  isRecallIsolated: boolean;
}

/** Who a simulated terminal is. */
export interface SimulatedIdentity {
  readonly index: number;
  readonly network: number;
  readonly week: number;
  readonly strategy: Strategy;
  readonly isCheat: boolean;
  readonly speed: number;
  readonly joinsAt: number;
  readonly leavesAt?: number;
  readonly identity: number;
  readonly isDecoy?: boolean;
}

/** A terminal that has done nothing yet. Each is a member of its own: the worst case for partner choice. */
export function createTerminal(identity: SimulatedIdentity): SimulatedTerminal {
  const { index, network, week, strategy, isCheat, speed, joinsAt, isDecoy = false } = identity;
  const { leavesAt = Number.POSITIVE_INFINITY } = identity;
  return {
    index,
    trust: newTerminal({ terminal: index, member: index, network, week, isDecoy }),
    strategy,
    isCheat,
    speed,
    joinsAt,
    leavesAt,
    identity: identity.identity,
    first: -1,
    last: -1,
    openHead: -1,
    flushLast: -1,
    inboxHead: -1,
    inboxTail: -1,
    task: -1,
    isCopy: false,
    fate: 'in-time',
    finishAt: -1,
    isIdle: false,
    poolIndex: -1,
    jobRuns: 0,
    commits: 0,
    lies: 0,
    firstLieAtCommit: 0,
    firstLieOnProbation: false,
    wrongFinals: 0,
    claimed: 0,
    escrow: 0,
    unvested: 0,
    unvestedForLies: 0,
    paid: 0,
    forfeited: 0,
    recallsOut: 0,
    recallsDone: 0,
    recallsWrong: 0,
    isRecallIsolated: true,
  };
}
