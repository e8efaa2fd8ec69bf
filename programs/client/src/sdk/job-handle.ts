import {
  cancelJob,
  deleteJobData,
  type JobViewText,
  readJob,
  setMaxPrice,
} from '@taika/protocol/dispatch/jobs';
import {
  listFailures,
  readUnit,
  type UnitFailureText,
  type UnitReplayText,
} from '@taika/protocol/dispatch/units';
import type { JobId, MoneyText } from '@taika/protocol/schema';
import { JobEnded } from './job-ended.ts';
import type { PatientCaller } from './patience.ts';
import { readResult } from './read-result.ts';
import type { ResumedStream } from './resume-events.ts';
import type { StreamOptions } from './stream-options.ts';
import { type JobEvent, watchJobEvents } from './watch-job.ts';
import { type UnitResult, watchOutputs } from './watch-outputs.ts';

/** One job of a customer. Its `id` is all that must be kept to come back to it. */
export interface JobHandle {
  readonly id: JobId;
  view(signal?: AbortSignal): Promise<JobViewText>;
  /**
   * The job's view now and at each change, until it is done, failed or cancelled. Survives lost connections; each
   * event's `cursor` is where another stream goes on (`after`).
   */
  events(options?: StreamOptions): AsyncIterable<JobEvent>;
  /**
   * What the program printed for each accepted unit, in the order of the input, while the job runs; ends with the job.
   * Goes on after a `cursor`.
   */
  results(options?: StreamOptions): AsyncIterable<UnitResult>;
  /** Waits for the end. Throws `JobEnded` where the job failed or was cancelled. */
  finished(signal?: AbortSignal): Promise<JobViewText>;
  /** The merged result's bytes. Throws `wrong-state` while there is none. */
  result(signal?: AbortSignal): AsyncIterable<Uint8Array>;
  /** Units that failed or could not be finished, at most a thousand, in order. */
  failures(signal?: AbortSignal): Promise<readonly UnitFailureText[]>;
  /** A unit as terminals are given it, with its exact input. */
  unit(unit: number, signal?: AbortSignal): Promise<UnitReplayText>;
  cancel(signal?: AbortSignal): Promise<JobViewText>;
  /** Deletes an ended job's input, program, outputs and result at the server. Throws `wrong-state` while it runs. */
  deleteData(signal?: AbortSignal): Promise<JobViewText>;
  /** Changes what the job may cost, tax included; a job that paused for it goes on. Throws `funds-short`. */
  setMaxPrice(maxPrice: MoneyText, signal?: AbortSignal): Promise<JobViewText>;
}

export interface JobHandleOptions extends ResumedStream {
  readonly caller: PatientCaller;
  readonly fetch: typeof fetch;
  /** The caller's signal, joined with the grid's own end. */
  readonly within: (signal: AbortSignal | undefined) => AbortSignal;
}

export function createJobHandle(id: JobId, options: JobHandleOptions): JobHandle {
  const { caller, within } = options;
  const params = { jobId: id };
  const bounded = ({ after, signal }: StreamOptions = {}) => ({ after, signal: within(signal) });
  return {
    id,
    view: (signal) => caller.call(readJob, { params, signal: within(signal) }),
    events: (stream) => watchJobEvents(options, id, bounded(stream)),
    results: (stream) => watchOutputs(options, id, bounded(stream)),
    async finished(signal) {
      for await (const view of watchJobEvents(options, id, bounded({ signal }))) {
        if (view.state === 'done') return view;
        if (view.state === 'failed' || view.state === 'cancelled') throw new JobEnded(view);
      }
      throw new Error('The events of a job end with the job.');
    },
    result: (signal) => readResult(caller, id, within(signal)),
    failures: async (signal) => (await caller.call(listFailures, { params, signal: within(signal) })).items,
    unit: (unit, signal) =>
      caller.call(readUnit, { params: { jobId: id, unit: String(unit) }, signal: within(signal) }),
    deleteData: (signal) => caller.call(deleteJobData, { params, signal: within(signal) }),
    setMaxPrice: (maxPrice, signal) =>
      caller.call(setMaxPrice, { params, body: { maxPrice }, signal: within(signal) }),
    cancel: (signal) => caller.call(cancelJob, { params, signal: within(signal) }),
  };
}
