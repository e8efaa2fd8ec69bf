import { type Caller, RemoteError } from '@taika/http/call';
import { type ReceivedEvent, readEvents } from '@taika/http/read-events';
import type { Route } from '@taika/protocol/route';
import type { JobId } from '@taika/protocol/schema';
import { backoffMs } from '@taika/runtime/backoff';
import type { Clock } from '@taika/runtime/clock';
import type { Random } from '@taika/runtime/random';
import type { StreamOptions } from './stream-options.ts';

/** In a row, each up to 5 s apart: about a minute without the server. */
const failuresMax = 20;

export interface ResumedStream {
  readonly caller: Caller;
  readonly clock: Clock;
  readonly random: Random;
}

/**
 * The events of one of a job's streams, endlessly: a connection that is lost is opened anew after the last event that
 * came (`Last-Event-ID`), so nothing is missed and nothing comes twice. Whoever reads says when it is over. Refusals
 * that waiting does not mend are thrown.
 */
export async function* resumeEvents(
  { caller, clock, random }: ResumedStream,
  route: Route,
  jobId: JobId,
  { after, signal }: StreamOptions,
): AsyncGenerator<ReceivedEvent> {
  let lastId = after;
  for (let failures = 0; ; ) {
    try {
      const events = readEvents(caller, route, {
        params: { jobId },
        signal,
        headers: {
          accept: 'text/event-stream',
          ...(lastId === undefined ? {} : { 'last-event-id': lastId }),
        },
      });
      for await (const event of events) {
        failures = 0;
        lastId = event.id ?? lastId;
        yield event;
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
