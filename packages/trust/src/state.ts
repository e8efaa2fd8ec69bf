import type { TrustLevelName } from './trust-level.ts';

/** Where a terminal stands; the diagram is in decide.ts. */
export type Standing = 'probation' | 'trusted' | 'revoked';

/** What is known of one terminal: one narrow row in a database. Written by effects only (apply-effect.ts). */
export interface TerminalTrust {
  readonly terminal: number;
  readonly member: number;
  /** Names its /24 or /48; 0 where unknown. */
  readonly network: number;
  /** The week in which it was registered; 0 where unknown. */
  readonly week: number;
  readonly standing: Standing;
  /** A decoy is the contractor's own terminal that lies on purpose; nothing that it says is believed. */
  readonly isDecoy: boolean;
  /** Results checked and found right since probation began. */
  readonly probationPassed: number;
  /** Audits passed and audits drawn since it was registered or re-entered. */
  readonly passed: number;
  readonly drawn: number;
  /** Re-entries granted for a fault that looked like hardware; at most one. */
  readonly reentries: number;
}

/** What matters of the job that a result belongs to. Counts are runs, or units where runs differ in length. */
export interface JobTrust {
  readonly level: TrustLevelName;
  /** `fast` leaves NaN bits to the hardware (SANDBOX.md), so that another result need not be a lie. */
  readonly artefact: 'fast' | 'strict';
  readonly runs: number;
  /** Runs handed to terminals that were on PROBATION, and to terminals of the asking member. */
  readonly newcomerRuns: number;
  readonly memberRuns: number;
}

/** A TRUSTED terminal that was seen lately, as a possible partner. */
export interface Candidate {
  readonly terminal: number;
  readonly member: number;
  readonly network: number;
  readonly week: number;
}

/** The TRUSTED terminals that were seen lately, in any order. A server keeps them in memory; they are few and narrow. */
export interface Pool {
  readonly trusted: number;
  at(index: number): Candidate;
  /** How many of them were registered in that week. */
  inWeek(week: number): number;
}

/** Everything that a decision may look at. */
export interface TrustState {
  /** Whom the event is about: who asks, or whose result it is. */
  readonly terminal: TerminalTrust;
  /** Who computed the other copy; null where there is none or the reference executor did. */
  readonly partner: TerminalTrust | null;
  readonly job: JobTrust;
  /** Other members who had the run, or a copy of it, before: a unit is offered to a member at most once. */
  readonly formerMembers: readonly number[];
  readonly pool: Pool;
}

/** A terminal that has just been registered. */
export function newTerminal(identity: Candidate & { readonly isDecoy?: boolean }): TerminalTrust {
  const { terminal, member, network, week, isDecoy = false } = identity;
  return {
    terminal,
    member,
    network,
    week,
    isDecoy,
    standing: 'probation',
    probationPassed: 0,
    passed: 0,
    drawn: 0,
    reentries: 0,
  };
}
