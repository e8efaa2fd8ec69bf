import { RemoteError } from '@taika/http/call';
import { readResult as readResultRoute } from '@taika/protocol/dispatch/jobs';
import type { JobId } from '@taika/protocol/schema';
import type { PatientCaller } from './patience.ts';

/** Breaks in a row without a byte between them: then the line is not merely bad. */
const breaksMax = 5;

/** The merged result's bytes. A connection that breaks is opened anew at the byte where it broke. Throws `wrong-state` while there is no result. */
export async function* readResult(
  caller: PatientCaller,
  jobId: JobId,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  let offset = 0;
  let breaks = 0;
  for (;;) {
    const headers = offset === 0 ? {} : { range: `bytes=${offset}-` };
    const response = await caller.persist(
      () => caller.open(readResultRoute, { params: { jobId }, headers, signal }),
      signal,
    );
    const reader = response.body?.getReader();
    try {
      for (;;) {
        const part = await reader?.read();
        if (part === undefined || part.done) return;
        offset += part.value.length;
        breaks = 0;
        yield part.value;
      }
    } catch (error) {
      signal?.throwIfAborted();
      breaks += 1;
      if (breaks > breaksMax) {
        throw new RemoteError(
          { code: 'unreachable', detail: 'The connection broke again and again.' },
          { status: 0, cause: error },
        );
      }
    } finally {
      await reader?.cancel().catch(() => {});
    }
  }
}
