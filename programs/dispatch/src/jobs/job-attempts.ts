import { ApiError } from '@taika/http/api-error';
import { backoffMs } from '@taika/runtime/backoff';
import type { DispatchContext } from '../context.ts';
import type { JobState } from './job-state.ts';
import { noteJobWaits } from './queries.ts';

/** What a loop does with one job after the other, so that none stops those behind it. */
export interface JobAttempts {
  /** Jobs that failed unexpectedly and whose next attempt is not due yet. */
  waiting(): readonly bigint[];
  /**
   * Runs `work` for a job. What it throws is logged, the job's view says when it is tried again, and the caller goes on with
   * the next job. Throws only when the server stops, or when not even that can be written.
   */
  run(attempt: JobAttempt, signal: AbortSignal): Promise<void>;
}

export interface JobAttempt {
  readonly jobNumber: bigint;
  readonly work: () => Promise<void>;
  /** Ends the job when bytes that it needs are gone for good; `detail` says which. Without it the job waits on. */
  readonly endForMissing?: (detail: string) => Promise<void>;
}

/**
 * Attempts of one loop. Waits double up to ten minutes and are this replica's own: a restart tries everything at once.
 * `what` completes "The server could not …"; `state` is the state in which a job's view says so.
 */
export function createJobAttempts(
  { sql, clock, log, random }: Pick<DispatchContext, 'sql' | 'clock' | 'log' | 'random'>,
  { what, state }: { readonly what: string; readonly state?: JobState },
): JobAttempts {
  const failures = new Map<bigint, Failures>();

  const fail = async (error: unknown, { jobNumber, endForMissing }: JobAttempt) => {
    const before = failures.get(jobNumber) ?? { count: 0, missing: 0 };
    const count = before.count + 1;
    const missing = isMissingBytes(error) ? before.missing + 1 : 0;
    const waitMs = Math.round(waitMsMin + backoffMs(count - 1, waits, random));
    failures.set(jobNumber, { count, missing, dueMs: clock.monotonicMs() + waitMs });
    log.error(
      { err: error, jobNumber: String(jobNumber), failures: count, waitMs },
      `A job could not be worked on (${what}); others go on, and it is tried again.`,
    );
    if (endForMissing !== undefined && missing >= missingMax && error instanceof Error) {
      await endForMissing(error.message);
      failures.delete(jobNumber);
    } else if (state !== undefined) {
      const at = new Date(clock.now().getTime() + waitMs).toISOString();
      const detail = `The server could not ${what}, which is not the job’s fault; it is tried again at ${at}. Tell the contractor if this lasts.`;
      await noteJobWaits(sql, { jobNumber, state, detail });
    }
  };

  return {
    waiting() {
      const nowMs = clock.monotonicMs();
      for (const [jobNumber, { dueMs }] of failures) {
        // Cancelled meanwhile, or done by another replica: a job that is still there was tried long before.
        if (dueMs + forgetMs < nowMs) failures.delete(jobNumber);
      }
      return [...failures].filter(([, { dueMs }]) => dueMs > nowMs).map(([jobNumber]) => jobNumber);
    },
    async run(attempt, signal) {
      try {
        await attempt.work();
        failures.delete(attempt.jobNumber);
      } catch (error) {
        if (signal.aborted) {
          throw error;
        }
        await fail(error, attempt);
      }
    },
  };
}

interface Failures {
  readonly count: number;
  /** The last so many of them for want of bytes. */
  readonly missing: number;
  readonly dueMs: number;
}

const waitMsMin = 1_000;
/** Ten minutes between attempts cost nothing, and a job whose cause is mended need not wait for long. */
const waits = { baseMs: 1_000, capMs: 600_000 };
const forgetMs = 3_600_000;
/** A store that answers "not found" for a moment, as a disk that is mounted late, must not end jobs. */
const missingMax = 3;

/** While a job is worked on, only the store of blobs answers so. */
function isMissingBytes(error: unknown): boolean {
  return error instanceof ApiError && error.code === 'not-found';
}
