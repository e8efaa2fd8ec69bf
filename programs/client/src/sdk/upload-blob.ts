import { type Caller, RemoteError } from '@taika/http/call';
import { findBlob, uploadBlob } from '@taika/protocol/dispatch/blobs';
import type { BlobSource } from '../job/blob-source.ts';

export interface UploadOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: (bytesSent: number) => void;
}

/** Sends a source's bytes unless this customer sent them before. Throws `digest-mismatch` when the file changed meanwhile. */
export async function uploadIfMissing(
  caller: Caller,
  source: BlobSource,
  options: UploadOptions,
): Promise<void> {
  if (await isKnown(caller, source.sha256, options.signal)) return;
  const response = await caller.open(uploadBlob, {
    params: { sha256: source.sha256 },
    bytes: streamOf(counted(source.open(), options.onProgress)),
    signal: options.signal,
  });
  await response.arrayBuffer();
}

async function isKnown(caller: Caller, sha256: string, signal: AbortSignal | undefined): Promise<boolean> {
  try {
    await caller.call(findBlob, { params: { sha256 }, signal });
    return true;
  } catch (error) {
    if (error instanceof RemoteError && error.code === 'not-found') return false;
    throw error;
  }
}

async function* counted(
  chunks: AsyncIterable<Uint8Array>,
  onProgress: ((bytes: number) => void) | undefined,
): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const chunk of chunks) {
    yield chunk;
    bytes += chunk.length;
    onProgress?.(bytes);
  }
}

/** Pulls chunk by chunk, so that a file is read no faster than the network takes it. */
function streamOf(chunks: AsyncGenerator<Uint8Array>): ReadableStream<Uint8Array> {
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await chunks.next();
      if (done === true) controller.close();
      else controller.enqueue(value);
    },
    async cancel() {
      await chunks.return(undefined);
    },
  });
}
