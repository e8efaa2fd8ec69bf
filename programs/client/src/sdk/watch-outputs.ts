import { readBytes } from '@taika/http/download';
import { type UnitOutputText, watchOutputs as watchOutputsRoute } from '@taika/protocol/dispatch/units';
import { limits } from '@taika/protocol/limits';
import type { JobId } from '@taika/protocol/schema';
import { fetchSigned } from './fetch-signed.ts';
import type { PatientCaller } from './patience.ts';
import { type ResumedStream, resumeEvents } from './resume-events.ts';
import type { StreamOptions } from './stream-options.ts';

/** What the program printed for one unit, and the cursor from which the stream goes on after it. */
export interface UnitResult {
  readonly unit: number;
  readonly cursor: string;
  readonly bytes: Uint8Array;
}

/** Yields the outputs of accepted units in the order of the input as they come, until the job has ended. */
export async function* watchOutputs(
  stream: ResumedStream & { readonly caller: PatientCaller; readonly fetch: typeof fetch },
  jobId: JobId,
  options: StreamOptions,
): AsyncGenerator<UnitResult> {
  for await (const { id = '', event, data } of resumeEvents(stream, watchOutputsRoute, jobId, options)) {
    if (event === 'end') return;
    if (event !== 'output') continue;
    const output = data as UnitOutputText;
    const bytes = await stream.caller.persist(
      () => bytesOf(output, stream.fetch, options.signal),
      options.signal,
    );
    yield { unit: output.unit, cursor: id, bytes };
  }
}

async function bytesOf(
  { output, blob }: UnitOutputText,
  fetch: typeof globalThis.fetch,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  if (blob === undefined) return Uint8Array.fromBase64(output ?? '');
  const response = await fetchSigned(fetch, blob.url, { signal });
  return readBytes(response, { sha256: blob.sha256, bytesMax: limits.blobBytesMax });
}
