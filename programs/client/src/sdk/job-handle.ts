import { cancelJob, type JobViewText, readJob, readResult } from '@taika/protocol/dispatch/jobs';
import type { JobId } from '@taika/protocol/schema';
import type { Clock } from '@taika/runtime/clock';
import type { Random } from '@taika/runtime/random';
import { JobEnded } from './job-ended.ts';
import type { PatientCaller } from './patience.ts';
import { watchEvents } from './watch-events.ts';

/** One job of a customer. Its `id` is all that must be kept to come back to it. */
export interface JobHandle {
  readonly id: JobId;
  view(signal?: AbortSignal): Promise<JobViewText>;
  /** The job's view now and at each change, until it is done, failed or cancelled. Survives lost connections. */
  events(signal?: AbortSignal): AsyncIterable<JobViewText>;
  /** Waits for the end. Throws `JobEnded` where the job failed or was cancelled. */
  finished(signal?: AbortSignal): Promise<JobViewText>;
  /** The merged result's bytes. Throws `wrong-state` while there is none. */
  result(signal?: AbortSignal): AsyncIterable<Uint8Array>;
  cancel(signal?: AbortSignal): Promise<JobViewText>;
}

export function createJobHandle(caller: PatientCaller, id: JobId, clock: Clock, random: Random): JobHandle {
  const params = { jobId: id };
  const events = (signal?: AbortSignal) => watchEvents(caller, id, clock, random, signal);
  return {
    id,
    view: (signal) => caller.call(readJob, { params, signal }),
    events,
    async finished(signal) {
      for await (const view of events(signal)) {
        if (view.state === 'done') return view;
        if (view.state === 'failed' || view.state === 'cancelled') throw new JobEnded(view);
      }
      throw new Error('The events of a job end with the job.');
    },
    async *result(signal) {
      const response = await caller.persist(() => caller.open(readResult, { params, signal }), signal);
      if (response.body !== null) yield* response.body;
    },
    cancel: (signal) => caller.call(cancelJob, { params, signal }),
  };
}
