import type { Sql } from '@taika/database/connect';
import type { Clock } from '@taika/runtime/clock';
import type { TrustLevelName } from '@taika/trust/trust-level';
import { listRunningJobs } from './queries.ts';

/** A job that units may be handed out of, as it was a moment ago. */
export interface RunningJob {
  readonly number: bigint;
  readonly id: string;
  readonly customerNumber: bigint;
  readonly deadlineAt: Date | null;
  readonly copies: number;
  readonly trust: TrustLevelName | null;
  readonly unitCount: number;
  readonly unitsDone: number;
  /** Mean fuel of a unit so far; undefined before the first result. */
  readonly fuelPerUnit: number | undefined;
  readonly referenceFuelPerSecond: number;
}

/** The jobs under way, read a few times a second however many terminals ask. */
export interface RunningJobs {
  /** At most `ageMsMax` old; an older list is given while a newer one is being read, but for the first. */
  list(): Promise<readonly RunningJob[]>;
  find(jobNumber: bigint): RunningJob | undefined;
  findById(jobId: string): RunningJob | undefined;
  /** Reads anew at the next call: this replica changed something. */
  invalidate(): void;
}

const ageMsMax = 250;
/** Older than this, nobody is answered from memory: a cancelled job would go on. */
const staleMsMax = 2_000;

/** Creates an empty list. */
export function createRunningJobs(sql: Sql, clock: Clock): RunningJobs {
  let jobs: readonly RunningJob[] = [];
  let byNumber = new Map<bigint, RunningJob>();
  let byId = new Map<string, RunningJob>();
  let readAtMs = Number.NEGATIVE_INFINITY;
  let reading: Promise<void> | undefined;

  const read = async () => {
    const askedAtMs = clock.monotonicMs();
    const rows = await listRunningJobs(sql);
    jobs = rows.map((row) => ({
      number: row.number,
      id: row.id,
      customerNumber: row.customerNumber,
      deadlineAt: row.deadlineAt,
      copies: row.copies,
      trust: row.trust,
      unitCount: row.unitCount,
      unitsDone: row.unitsDone,
      fuelPerUnit: row.unitsDone === 0 ? undefined : Number(row.fuel) / row.unitsDone,
      referenceFuelPerSecond: Number(row.referenceFuelPerSecond),
    }));
    byNumber = new Map(jobs.map((job) => [job.number, job]));
    byId = new Map(jobs.map((job) => [job.id, job]));
    readAtMs = askedAtMs;
  };

  const refresh = () => {
    reading ??= read().finally(() => {
      reading = undefined;
    });
    return reading;
  };

  return {
    async list() {
      const ageMs = clock.monotonicMs() - readAtMs;
      if (ageMs > staleMsMax) {
        await refresh();
      } else if (ageMs > ageMsMax) {
        // A failure is told to whoever finds the list stale.
        refresh().catch(() => {});
      }
      return jobs;
    },
    find: (jobNumber) => byNumber.get(jobNumber),
    findById: (jobId) => byId.get(jobId),
    invalidate() {
      readAtMs = Number.NEGATIVE_INFINITY;
    },
  };
}
