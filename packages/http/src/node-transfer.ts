import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { rename, rm, stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReplyOf, Route } from '@taika/protocol/route';
import { type Caller, RemoteError, type StreamInput } from './call.ts';
import { countedBody, type DownloadOptions, digestMismatch, type Progress } from './download.ts';

/** Downloads into a file. It appears under its name only when it is whole and has the digest. Node only. */
export async function downloadToFile<R extends Route>(
  caller: Caller,
  route: R,
  input: StreamInput<R>,
  { path, ...options }: DownloadOptions & { readonly path: string },
): Promise<void> {
  const response = await caller.open(route, input);
  const draft = `${path}.part-${process.pid}`;
  const sha = createHash('sha256');
  try {
    await pipeline(
      countedBody(response, options),
      async function* (chunks: AsyncIterable<Uint8Array>) {
        for await (const chunk of chunks) {
          sha.update(chunk);
          yield chunk;
        }
      },
      createWriteStream(draft, { mode: 0o600 }),
      { ...(input.signal == null ? {} : { signal: input.signal }) },
    );
    if (options.sha256 !== undefined && sha.digest('hex') !== options.sha256) {
      throw digestMismatch();
    }
    await rename(draft, path);
  } finally {
    await rm(draft, { force: true });
  }
}

/** Uploads a file as a stream and gives the reply. Node only. */
export async function uploadFile<R extends Route>(
  caller: Caller,
  route: R,
  input: StreamInput<R>,
  { path, onProgress }: { readonly path: string; readonly onProgress?: Progress },
): Promise<ReplyOf<R>> {
  const { size } = await stat(path);
  const counted = countedFile(path, size, onProgress);
  const response = await caller.open(route, {
    ...input,
    bytes: Readable.toWeb(Readable.from(counted, { objectMode: false })) as ReadableStream<
      Uint8Array<ArrayBuffer>
    >,
    headers: { 'x-content-bytes': String(size), ...input.headers },
  } as StreamInput<R>);
  return readJson(response);
}

/** Uploads bytes from memory and gives the reply. */
export async function uploadBytes<R extends Route>(
  caller: Caller,
  route: R,
  input: StreamInput<R>,
  bytes: Uint8Array,
): Promise<ReplyOf<R>> {
  return readJson(await caller.open(route, { ...input, bytes: bytes as Uint8Array<ArrayBuffer> }));
}

async function* countedFile(
  path: string,
  size: number,
  onProgress: Progress | undefined,
): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: 256 * 1024 })) {
    bytes += (chunk as Buffer).byteLength;
    onProgress?.(bytes, size);
    yield chunk as Buffer;
  }
}

async function readJson<T>(response: Response): Promise<T> {
  try {
    return (await response.json()) as T;
  } catch (error) {
    throw new RemoteError({ code: 'unreachable' }, { status: 0, cause: error });
  }
}
