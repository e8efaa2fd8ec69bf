import type { Sql } from '@taika/database/connect';
import type { Clock } from '@taika/runtime/clock';
import { listOverJobs } from '../jobs/queries.ts';
import type { RunningJobs } from '../units/running-jobs.ts';

/**
 * Which jobs agents need not keep anything of. Of a job with a trust level that is done it is not told: its results may
 * be computed again later, and a terminal that was told so would know that assignment for a copy. Its agents forget it by
 * themselves when they were given nothing of it for a while.
 */
export interface EndedJobs {
  /** Of the jobs that a terminal still knows, those that are over for it: what it holds of them is dropped. */
  among(knownJobs: readonly string[], terminalNumber: bigint): Promise<string[]>;
}

/** Agents name a job that is done again and again; what is known of it is asked for so often. */
const knownMs = 2_000;
/** More than are named at once on any server. */
const entriesMax = 10_000;

/** Remembers for a moment what it was told, since many agents ask about the same jobs. */
export function createEndedJobs(sql: Sql, runningJobs: RunningJobs, clock: Clock): EndedJobs {
  const goingOn = new Map<string, number>();

  async function ask(jobIds: readonly string[], terminalNumber: bigint): Promise<ReadonlySet<string>> {
    const askedAtMs = clock.monotonicMs();
    const over = await listOverJobs(sql, { jobIds, terminalNumber });
    for (const jobId of jobIds.filter((each) => !over.has(each))) {
      goingOn.delete(jobId);
      goingOn.set(jobId, askedAtMs);
    }
    for (const oldest of goingOn.keys()) {
      if (goingOn.size <= entriesMax) {
        break;
      }
      goingOn.delete(oldest);
    }
    return over;
  }

  return {
    async among(knownJobs, terminalNumber) {
      if (knownJobs.length === 0) {
        return [];
      }
      await runningJobs.list();
      const nowMs = clock.monotonicMs();
      const doubtful = knownJobs.filter(
        (jobId) =>
          runningJobs.findById(jobId) === undefined &&
          uuid.test(jobId) &&
          nowMs - (goingOn.get(jobId) ?? Number.NEGATIVE_INFINITY) > knownMs,
      );
      return doubtful.length === 0 ? [] : [...(await ask(doubtful, terminalNumber))];
    },
  };
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
