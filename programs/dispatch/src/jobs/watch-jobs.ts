import { createHash } from 'node:crypto';
import type { Sendable } from '@taika/http/check-reply';
import type { ServerEvent } from '@taika/http/send-events';
import type { JobViewText } from '@taika/protocol/dispatch/jobs';
import type { Clock } from '@taika/runtime/clock';
import { isEnded } from './job-state.ts';
import type { JobWanted } from './read-jobs.ts';

type JobView = Sendable<JobViewText>;

/** How soon a watcher learns of a change. */
const pollMs = 400;
/** Characters of a view's digest that tell it from the job's other views. */
const idLength = 16;

/** Follows jobs for their customers: each job is read once for all who watch it, a few times a second, while anybody does. */
export interface JobWatcher {
  /**
   * The view now, unless the watcher has it (`lastEventId`), and after each change until the job has ended. The last view
   * is sent in any case. Throws what the first read throws.
   */
  watch(
    wanted: JobWanted,
    signal: AbortSignal,
    lastEventId?: string | undefined,
  ): AsyncGenerator<ServerEvent>;
}

/** Creates a watcher that reads jobs by `read`. */
export function createJobWatcher(read: (wanted: JobWanted) => Promise<JobView>, clock: Clock): JobWatcher {
  const polls = new Map<string, { readonly atMs: number; readonly view: Promise<JobView> }>();

  const readShared = (wanted: JobWanted): Promise<JobView> => {
    const nowMs = clock.monotonicMs();
    const key = `${wanted.customerNumber} ${wanted.jobId}`;
    const last = polls.get(key);
    if (last !== undefined && nowMs - last.atMs < pollMs) {
      return last.view;
    }
    for (const [old, { atMs }] of polls) {
      if (nowMs - atMs > 10 * pollMs) {
        polls.delete(old);
      }
    }
    const view = read(wanted);
    polls.set(key, { atMs: nowMs, view });
    return view;
  };

  return {
    async *watch(wanted, signal, lastEventId = '') {
      let last = lastEventId;
      while (!signal.aborted) {
        const view = await readShared(wanted);
        const text = JSON.stringify(view, (_name, value) =>
          typeof value === 'bigint' ? String(value) : value,
        );
        // The invoice follows within a second of the job; who watches learns of both.
        const isLast = isEnded(view.state) && (view.state !== 'done' || view.invoiceId !== undefined);
        const id = createHash('sha256').update(text).digest('base64url').slice(0, idLength);
        if (id !== last || isLast) {
          yield { id, event: 'job', data: view };
          last = id;
        }
        if (isLast) {
          return;
        }
        try {
          await clock.sleep(pollMs, signal);
        } catch {
          // Aborted: the loop's condition ends it.
        }
      }
    },
  };
}
