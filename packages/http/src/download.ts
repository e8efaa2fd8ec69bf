import { sha256Hex } from '@taika/crypto/digest';
import type { Route } from '@taika/protocol/route';
import { type Caller, RemoteError, type StreamInput } from './call.ts';

/** Bytes moved so far, and in all where that is known. */
export type Progress = (bytes: number, bytesTotal: number | undefined) => void;

/** What a download must be. */
export interface DownloadOptions {
  /** The digest that the bytes must have; a difference is RemoteError `digest-mismatch`, which may be tried again. */
  readonly sha256?: string | undefined;
  /** More than this is refused with `too-large` while it arrives. */
  readonly bytesMax: number;
  readonly onProgress?: Progress | undefined;
}

/** Downloads into memory. For Node and browsers; for files see `node-transfer.ts`. */
export async function downloadBytes<R extends Route>(
  caller: Caller,
  route: R,
  input: StreamInput<R>,
  options: DownloadOptions,
): Promise<Uint8Array> {
  return readBytes(await caller.open(route, input), options);
}

/** Reads a response's body into memory, bounded and checked; for URLs that a server signed and `fetch` opened. */
export async function readBytes(response: Response, options: DownloadOptions): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of countedBody(response, options)) {
    chunks.push(chunk);
  }
  const bytes = new Uint8Array(await new Blob(chunks as Uint8Array<ArrayBuffer>[]).arrayBuffer());
  if (options.sha256 !== undefined && (await sha256Hex(bytes)) !== options.sha256) {
    throw digestMismatch();
  }
  return bytes;
}

/** A response's chunks, counted and bounded. A connection that breaks is RemoteError `unreachable`. */
export async function* countedBody(
  response: Response,
  { bytesMax, onProgress }: DownloadOptions,
): AsyncGenerator<Uint8Array, void, void> {
  const length = response.headers.get('content-length');
  const bytesTotal = length === null ? undefined : Number(length);
  const reader = response.body?.getReader();
  let bytes = 0;
  try {
    for (;;) {
      const { done, value } = (await readChunk(reader)) ?? { done: true, value: undefined };
      if (done || value === undefined) {
        return;
      }
      bytes += value.byteLength;
      if (bytes > bytesMax) {
        throw new RemoteError(
          { code: 'too-large', detail: `More than ${bytesMax} bytes arrived.` },
          { status: 0 },
        );
      }
      onProgress?.(bytes, bytesTotal);
      yield value;
    }
  } finally {
    await reader?.cancel().catch(() => {});
  }
}

/** The error of bytes that are not what they were said to be. */
export function digestMismatch(): RemoteError {
  return new RemoteError({ code: 'digest-mismatch' }, { status: 0 });
}

async function readChunk(reader: ReadableStreamDefaultReader<Uint8Array> | undefined) {
  try {
    return await reader?.read();
  } catch (error) {
    throw new RemoteError(
      { code: 'unreachable', detail: 'The connection broke.' },
      { status: 0, cause: error },
    );
  }
}
