import type { AuditReason } from '../event.ts';

/** Every reason for a copy; UnitStore.reason holds indices into this. */
export const auditReasons = [
  'probation',
  'random',
  'odd-fuel',
  'critical',
  'flush',
  'decoy',
  'recall',
  'vouched',
] as const satisfies readonly AuditReason[];

/** What is counted while the simulation runs. */
export interface Tally {
  /** First computations, those again after a result was dropped or lost in time included. */
  committed: number;
  /** Computed, and refused because the deadline had passed. */
  late: number;
  /** Copies by terminals and by the reference, by reason. */
  readonly copies: Record<AuditReason, number>;
  readonly referenceCopies: Record<AuditReason, number>;
  /** Judgements by the reference, and whole runs that it took because nobody else could. */
  judgements: number;
  referenceRuns: number;
  /** Audits that young terminals got beyond q. */
  youngAudits: number;
  /** Became final wrong, whether recalled later or not. */
  wrongFinals: number;
  corrected: number;
  recalled: number;
  lapsed: number;
  honestRevoked: number;
  faultyRevoked: number;
  cheatsRevoked: number;
  reentries: number;
  /** Lied on probation first: convicted before any check was passed, and convicted at all. */
  caughtAtFirstCheck: number;
  caughtOnProbation: number;
  /** Results from the first lie to the revocation, of those whose first lie was told when TRUSTED. */
  readonly resultsToDetect: number[];
  liesTold: number;
  claimedForLies: number;
  paidForLies: number;
  /** Time from commit to final, in steps of one run's time; the last holds everything later. */
  readonly finalityDelay: Uint32Array;
}

/** All zero. */
export function createTally(): Tally {
  return {
    committed: 0,
    late: 0,
    copies: zeros(),
    referenceCopies: zeros(),
    judgements: 0,
    referenceRuns: 0,
    youngAudits: 0,
    wrongFinals: 0,
    corrected: 0,
    recalled: 0,
    lapsed: 0,
    honestRevoked: 0,
    faultyRevoked: 0,
    cheatsRevoked: 0,
    reentries: 0,
    caughtAtFirstCheck: 0,
    caughtOnProbation: 0,
    resultsToDetect: [],
    liesTold: 0,
    claimedForLies: 0,
    paidForLies: 0,
    finalityDelay: new Uint32Array(65_536),
  };
}

function zeros(): Record<AuditReason, number> {
  return {
    probation: 0,
    random: 0,
    'odd-fuel': 0,
    critical: 0,
    flush: 0,
    decoy: 0,
    recall: 0,
    vouched: 0,
  };
}
