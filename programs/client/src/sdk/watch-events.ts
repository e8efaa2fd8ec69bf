import { type Caller, RemoteError } from '@taika/http/call';
import { readEvents } from '@taika/http/read-events';
import { type JobViewText, watchJob } from '@taika/protocol/dispatch/jobs';
import type { JobId } from '@taika/protocol/schema';
import { backoffMs } from '@taika/runtime/backoff';
import type { Clock } from '@taika/runtime/clock';
import type { Random } from '@taika/runtime/random';

/**
 * Yields a job's view at each change until the job has ended. A lost connection is opened anew: the server
 * sends the present view first, so nothing is missed. Other refusals are thrown.
 */
export async function* watchEvents(
  caller: Caller,
  jobId: JobId,
  clock: Clock,
  random: Random,
  signal: AbortSignal | undefined,
): AsyncGenerator<JobViewText> {
  for (let failures = 0; ; ) {
    try {
      const events = readEvents(caller, watchJob, {
        params: { jobId },
        signal,
        headers: { accept: 'text/event-stream' },
      });
      for await (const { event, data } of events) {
        if (event !== 'job') continue;
        failures = 0;
        const view = data as JobViewText;
        yield view;
        if (view.state === 'done' || view.state === 'failed' || view.state === 'cancelled') return;
      }
    } catch (error) {
      signal?.throwIfAborted();
      if (error instanceof RemoteError && !error.retryable) throw error;
      if (failures >= failuresMax) throw error;
    }
    await clock.sleep(backoffMs(failures, { baseMs: 250, capMs: 5000 }, random), signal);
    failures += 1;
  }
}

/** In a row, each up to 5 s apart: about a minute without the server. */
const failuresMax = 20;
