import type { JobBriefText } from '@taika/protocol/dispatch/cycle';
import type { Clock } from '@taika/runtime/clock';
import { jobOfKey } from './held-run.ts';
import type { PreparedJob } from './prepare-job.ts';
import type { WarmSandboxes } from './warm-sandboxes.ts';

/** The jobs that this terminal was told of, with what it holds of them: descriptions, checked programs, open sandboxes. */
export interface KnownJobs {
  /**
   * Told to the server, so that it does not describe them again and says which are over. A job of which a run is held is
   * always among them: nothing else would stop a run of a cancelled job. One of which none was held for ten minutes is
   * forgotten: of a job whose results are checked the server says that it is over only when its data is deleted.
   */
  names(held: Iterable<string>): string[];
  /** Jobs that are here and checked, by sandbox key. */
  readonly prepared: Map<string, Promise<PreparedJob>>;
  brief(jobId: string): JobBriefText | undefined;
  learn(briefs: readonly JobBriefText[]): void;
  /**
   * Addresses in a brief are good for a while only: the server is asked to describe the job anew, as soon as no run of it
   * is held.
   */
  forgetBrief(jobId: string): void;
  /** Nothing of these jobs stays. */
  forget(jobIds: ReadonlySet<string>): void;
  forgetAll(): void;
}

/** As many names as a request carries; the server describes the others again. */
const namesMax = 64;

/** The server offers its jobs in turn; one that comes back later than this is described and fetched again. */
const unusedMsMax = 600_000;

export function createKnownJobs(
  sandboxes: Pick<WarmSandboxes, 'retire' | 'forget'>,
  clock: Pick<Clock, 'monotonicMs'>,
): KnownJobs {
  const usedAtMs = new Map<string, number>();
  const briefs = new Map<string, JobBriefText>();
  const forgotten = new Set<string>();
  const prepared: KnownJobs['prepared'] = new Map();

  function forget(jobIds: ReadonlySet<string>): void {
    if (jobIds.size === 0) return;
    for (const jobId of jobIds) {
      briefs.delete(jobId);
      forgotten.delete(jobId);
      usedAtMs.delete(jobId);
    }
    // A job may be here in several forms.
    for (const key of prepared.keys()) if (jobIds.has(jobOfKey(key))) prepared.delete(key);
    sandboxes.retire((key) => jobIds.has(jobOfKey(key)));
  }

  function forgetUnused(held: Iterable<string>): void {
    const nowMs = clock.monotonicMs();
    for (const jobId of held) usedAtMs.set(jobId, nowMs);
    const unused = [...usedAtMs].filter(([, atMs]) => nowMs - atMs > unusedMsMax);
    forget(new Set(unused.map(([jobId]) => jobId)));
  }

  return {
    prepared,
    names(held) {
      const holding = [...held];
      forgetUnused(holding);
      const others = [...briefs.keys()].filter((jobId) => !forgotten.has(jobId)).reverse();
      return [...new Set([...holding, ...others])].slice(0, namesMax);
    },
    brief: (jobId) => briefs.get(jobId),
    learn(told) {
      for (const brief of told) {
        briefs.set(brief.jobId, brief);
        usedAtMs.set(brief.jobId, clock.monotonicMs());
        forgotten.delete(brief.jobId);
      }
    },
    forgetBrief(jobId) {
      if (briefs.has(jobId)) forgotten.add(jobId);
    },
    forget,
    forgetAll() {
      briefs.clear();
      usedAtMs.clear();
      forgotten.clear();
      prepared.clear();
      sandboxes.forget(() => true);
    },
  };
}
