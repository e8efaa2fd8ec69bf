import { type JobViewText, watchJob } from '@taika/protocol/dispatch/jobs';
import type { JobId } from '@taika/protocol/schema';
import { type ResumedStream, resumeEvents } from './resume-events.ts';
import type { StreamOptions } from './stream-options.ts';

/** A job's view, and the cursor from which its events go on. */
export type JobEvent = JobViewText & { readonly cursor: string };

/** Yields a job's view at each change until the job has ended. A view that the reader has (`after`) is not repeated, but for the last one. */
export async function* watchJobEvents(
  stream: ResumedStream,
  jobId: JobId,
  options: StreamOptions,
): AsyncGenerator<JobEvent> {
  for await (const { id = '', event, data } of resumeEvents(stream, watchJob, jobId, options)) {
    if (event !== 'job') continue;
    const view = data as JobViewText;
    yield { ...view, cursor: id };
    if (view.state === 'done' || view.state === 'failed' || view.state === 'cancelled') return;
  }
}
