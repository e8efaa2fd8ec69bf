import { type Caller, RemoteError } from '@taika/http/call';
import {
  findBlob,
  joinParts,
  listParts,
  uploadBlob,
  uploadPart,
  uploadPartBytes,
} from '@taika/protocol/dispatch/blobs';
import type { BlobSource } from '../job/blob-source.ts';
import { SourceChanged } from '../job/source-changed.ts';
import type { PatientCaller } from './patience.ts';

export interface UploadOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: (bytesSent: number) => void;
}

/**
 * Sends a source's bytes unless this customer sent them before. A large source goes in parts, and only those that the
 * server does not have: an upload that was interrupted, in this process or another, goes on where it stopped. Each part has the
 * caller's patience of its own. Throws `SourceChanged` when the file is not what it was when its digest was taken.
 */
export async function uploadIfMissing(
  caller: PatientCaller,
  source: BlobSource,
  options: UploadOptions,
): Promise<void> {
  if (await isKnown(caller, source.sha256, options.signal)) return;
  try {
    if (source.bytes <= uploadPartBytes) await uploadWhole(caller, source, options);
    else await uploadInParts(caller, source, options);
  } catch (error) {
    await checkUnchanged(source, error);
    throw error;
  }
}

async function uploadWhole(
  caller: PatientCaller,
  source: BlobSource,
  { signal, onProgress }: UploadOptions,
): Promise<void> {
  const bytes = await source.read(0, source.bytes);
  const params = { sha256: source.sha256 };
  await persist(caller, signal, () =>
    caller.open(uploadBlob, { params, bytes: bytes as Uint8Array<ArrayBuffer>, signal }),
  );
  onProgress?.(source.bytes);
}

async function uploadInParts(
  caller: PatientCaller,
  source: BlobSource,
  { signal, onProgress }: UploadOptions,
): Promise<void> {
  const { sha256 } = source;
  const count = Math.ceil(source.bytes / uploadPartBytes);
  const { parts } = await caller.call(listParts, { params: { sha256 }, signal });
  const sent = new Map(parts.map(({ part, bytes }) => [part, bytes]));
  for (let part = 0; part < count; part++) {
    const offset = part * uploadPartBytes;
    const length = Math.min(uploadPartBytes, source.bytes - offset);
    if (sent.get(part) !== length) {
      const bytes = await source.read(offset, length);
      const params = { sha256, part: String(part) };
      await persist(caller, signal, () =>
        caller.open(uploadPart, { params, bytes: bytes as Uint8Array<ArrayBuffer>, signal }),
      );
    }
    onProgress?.(offset + length);
  }
  // A file that changed meanwhile is told before the server joins and hashes all of it.
  await checkUnchanged(source);
  const query = { parts: String(count) };
  await persist(caller, signal, () => caller.open(joinParts, { params: { sha256 }, query, signal }));
}

/** A request and its answer to the end, as one step; a connection that breaks within the answer is one that broke before it. */
function persist(
  caller: PatientCaller,
  signal: AbortSignal | undefined,
  open: () => Promise<Response>,
): Promise<void> {
  return caller.persist(async () => {
    const response = await open();
    try {
      await response.arrayBuffer();
    } catch (cause) {
      signal?.throwIfAborted();
      throw new RemoteError({ code: 'unreachable' }, { status: 0, cause });
    }
  }, signal);
}

async function checkUnchanged(
  { name = 'The input', hasChanged }: BlobSource,
  cause?: unknown,
): Promise<void> {
  if ((await hasChanged?.()) === true) throw new SourceChanged(name, { cause });
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
