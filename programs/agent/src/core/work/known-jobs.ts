import type { JobBriefText } from '@taika/protocol/dispatch/cycle';
import { jobOfKey } from './held-run.ts';
import type { PreparedJob } from './prepare-job.ts';
import type { WarmSandboxes } from './warm-sandboxes.ts';

/** The jobs that this terminal was told of, with what it holds of them: descriptions, checked programs, open sandboxes. */
export interface KnownJobs {
  /**
   * Told to the server, so that it does not describe them again and says which are over. A job of which a run is held is
   * always among them: nothing else would stop a run of a cancelled job.
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

export function createKnownJobs(sandboxes: WarmSandboxes): KnownJobs {
  const briefs = new Map<string, JobBriefText>();
  const forgotten = new Set<string>();
  const prepared: KnownJobs['prepared'] = new Map();
  return {
    prepared,
    names(held) {
      const others = [...briefs.keys()].filter((jobId) => !forgotten.has(jobId)).reverse();
      return [...new Set([...held, ...others])].slice(0, namesMax);
    },
    brief: (jobId) => briefs.get(jobId),
    learn(told) {
      for (const brief of told) {
        briefs.set(brief.jobId, brief);
        forgotten.delete(brief.jobId);
      }
    },
    forgetBrief(jobId) {
      if (briefs.has(jobId)) forgotten.add(jobId);
    },
    forget(jobIds) {
      if (jobIds.size === 0) return;
      for (const jobId of jobIds) {
        briefs.delete(jobId);
        forgotten.delete(jobId);
      }
      // A job may be here in both its forms.
      for (const key of prepared.keys()) if (jobIds.has(jobOfKey(key))) prepared.delete(key);
      sandboxes.retire((key) => jobIds.has(jobOfKey(key)));
    },
    forgetAll() {
      briefs.clear();
      forgotten.clear();
      prepared.clear();
      sandboxes.forget(() => true);
    },
  };
}
