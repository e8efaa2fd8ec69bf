import type { Sql } from '@taika/database/connect';
import type { Clock } from '@taika/runtime/clock';
import { decideOffer, offerLimit } from '@taika/trust/caps';
import { establishedPool } from '@taika/trust/figures';
import { mayVouch } from '@taika/trust/probation';
import { newTerminal } from '@taika/trust/state';
import type { TerminalCaller } from '../context.ts';
import type { RunningJob } from '../units/running-jobs.ts';
import { absenceOf } from './absence.ts';
import { listShares, listTrusted } from './share-queries.ts';

/**
 * How much of a job each may still have (TRUST.md, rule 11), in memory: a call costs a look-up, and nothing at all in a
 * young pool. What this replica hands out counts at once, what others do a few seconds later, so the caps are passed by
 * that much at most.
 */
export interface Caps {
  /** Units of the job that the terminal may have now; endless where nothing is capped. */
  unitsFor(job: CappedJob, terminal: CappedTerminal): number;
  /** Notes what was handed out. */
  note(jobNumber: bigint, terminal: CappedTerminal, units: number): void;
  /** Reads anew. A step of a loop. */
  refresh(): Promise<void>;
}

/** The job that a share is of. */
type CappedJob = Pick<RunningJob, 'number' | 'trust' | 'unitCount'>;
/** Whose share is asked for. */
type CappedTerminal = Pick<TerminalCaller, 'terminalNumber' | 'memberNumber'>;

/** A job that nobody may have more of would stand still: after so long without a run its caps are lifted for a time. */
const stuckMs = 60_000;
const liftedMs = 10 * 60_000;

interface JobShares {
  newcomers: number;
  readonly members: Map<bigint, number>;
}

/** Creates a memory that caps nothing until it has read. */
export function createCaps(sql: Sql, clock: Clock): Caps {
  let trusted: ReadonlySet<bigint> = new Set();
  let pool = 0;
  let read = new Map<bigint, JobShares>();
  let noted = new Map<bigint, JobShares>();
  /** What is handed out while the shares are read: counted twice until the next time, which is too careful by a moment. */
  let during: Map<bigint, JobShares> | undefined;
  const stuck = new Map<bigint, { sinceMs: number; liftedUntilMs: number }>();

  const isLifted = (jobNumber: bigint): boolean => {
    const nowMs = clock.monotonicMs();
    const job = stuck.get(jobNumber) ?? { sinceMs: nowMs, liftedUntilMs: 0 };
    if (nowMs - job.sinceMs > stuckMs) {
      job.liftedUntilMs = nowMs + liftedMs;
      job.sinceMs = job.liftedUntilMs;
    }
    stuck.set(jobNumber, job);
    return nowMs < job.liftedUntilMs;
  };

  return {
    unitsFor({ number, trust, unitCount }, { terminalNumber, memberNumber }) {
      if (trust === null || pool < establishedPool) {
        return Number.POSITIVE_INFINITY;
      }
      const [before, since] = [read.get(number), noted.get(number)];
      const identity = {
        terminal: Number(terminalNumber),
        member: Number(memberNumber),
        network: 0,
        week: 0,
      };
      const standing = trusted.has(terminalNumber) ? ('trusted' as const) : ('probation' as const);
      const offer = {
        terminal: { ...newTerminal(identity), standing },
        job: {
          level: trust,
          artefact: 'strict' as const,
          runs: unitCount,
          newcomerRuns: (before?.newcomers ?? 0) + (since?.newcomers ?? 0),
          memberRuns: (before?.members.get(memberNumber) ?? 0) + (since?.members.get(memberNumber) ?? 0),
        },
        pool: { trusted: pool },
      };
      if (decideOffer(offer)[0]?.kind === 'issue') {
        return offerLimit(offer);
      }
      return isLifted(number) ? Number.POSITIVE_INFINITY : 0;
    },
    note(jobNumber, { terminalNumber, memberNumber }, units) {
      const job = stuck.get(jobNumber);
      if (job !== undefined && clock.monotonicMs() > job.liftedUntilMs) {
        stuck.delete(jobNumber);
      }
      if (pool < establishedPool) {
        return;
      }
      const change = {
        jobNumber,
        memberNumber,
        units,
        newcomerUnits: trusted.has(terminalNumber) ? 0 : units,
      };
      addTo(noted, change);
      if (during !== undefined) {
        addTo(during, change);
      }
    },
    async refresh() {
      const nowMs = clock.monotonicMs();
      for (const [jobNumber, { sinceMs, liftedUntilMs }] of stuck) {
        // Ended long ago, or nobody asked for it: it is noted anew when somebody is refused.
        if (nowMs > Math.max(sinceMs, liftedUntilMs) + liftedMs) {
          stuck.delete(jobNumber);
        }
      }
      const known = await listTrusted(sql);
      const now = clock.now();
      const vouching = known.filter((row) => row.isThere && mayVouch('trusted', absenceOf(row, now))).length;
      if (vouching >= establishedPool) {
        during = new Map();
        try {
          const shares = new Map<bigint, JobShares>();
          for (const row of await listShares(sql)) {
            addTo(shares, row);
          }
          [read, noted] = [shares, during];
        } finally {
          during = undefined;
        }
      }
      trusted = new Set(known.map(({ terminalNumber }) => terminalNumber));
      pool = vouching;
    },
  };
}

function addTo(
  shares: Map<bigint, JobShares>,
  {
    jobNumber,
    memberNumber,
    units,
    newcomerUnits,
  }: {
    readonly jobNumber: bigint;
    readonly memberNumber: bigint;
    readonly units: number;
    readonly newcomerUnits: number;
  },
): void {
  let job = shares.get(jobNumber);
  if (job === undefined) {
    job = { newcomers: 0, members: new Map() };
    shares.set(jobNumber, job);
  }
  job.newcomers += newcomerUnits;
  job.members.set(memberNumber, (job.members.get(memberNumber) ?? 0) + units);
}
