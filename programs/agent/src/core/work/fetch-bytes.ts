import { sha256 as digest, sha256Hex } from '@taika/crypto/digest';
import { RemoteError } from '@taika/http/call';
import { contentDigestHeader, fitsContentDigest, wantDigestHeader } from '@taika/http/content-digest';
import { readBytes } from '@taika/http/download';
import { retry } from '@taika/runtime/backoff';
import type { Host } from '../host.ts';

/** Bytes that are not what the server said they are, after they were fetched twice. */
export class DamagedError extends Error {
  override readonly name = 'DamagedError';
}

export interface WantedBytes {
  readonly url: string;
  readonly bytes: number;
  /** Absent for a range of a blob: then its length is checked, and its digest where the server tells one. */
  readonly sha256?: string;
  /** First byte of a range. */
  readonly offset?: number;
  readonly signal?: AbortSignal | undefined;
}

/** A bad line is tried this often before the run is returned. */
const attemptsMax = 5;

/** Fetches bytes, or a range of them, and checks their length and digest. Throws a DamagedError, or a RemoteError when they cannot be had. */
export async function fetchBytes(host: Host, wanted: WantedBytes): Promise<Uint8Array> {
  if (wanted.bytes === 0 && wanted.sha256 === undefined) return new Uint8Array(0);
  let damaged = 0;
  return retry(() => fetchOnce(host, wanted), {
    attemptsMax,
    baseMs: 300,
    clock: host.clock,
    random: host.random,
    signal: wanted.signal,
    shouldRetry: (error) =>
      error instanceof DamagedError ? ++damaged < 2 : error instanceof RemoteError && error.retryable,
  });
}

async function fetchOnce(
  host: Host,
  { url, bytes, sha256, offset, signal }: WantedBytes,
): Promise<Uint8Array> {
  const range =
    offset === undefined
      ? {}
      : { range: `bytes=${offset}-${offset + bytes - 1}`, [wantDigestHeader]: 'sha-256=10' };
  const response = await open(host, url, range, signal);
  // A server that does not know ranges sends everything.
  const skipped = offset !== undefined && response.status === 200 ? offset : 0;
  const read = await readBytes(response, { bytesMax: skipped + bytes }).catch((error) => {
    if (error instanceof RemoteError && error.code === 'too-large')
      throw new DamagedError('More bytes came than were promised.');
    throw error;
  });
  const wanted = read.subarray(skipped);
  if (wanted.length !== bytes) throw new DamagedError(`${wanted.length} bytes came instead of ${bytes}.`);
  const told = response.status === 206 ? response.headers.get(contentDigestHeader) : null;
  if (told !== null && !fitsContentDigest(told, await digest(wanted)))
    throw new DamagedError('The bytes were damaged on the way.');
  if (sha256 !== undefined && (await sha256Hex(wanted)) !== sha256)
    throw new DamagedError('The digest differs.');
  return wanted;
}

async function open(
  host: Host,
  url: string,
  headers: Record<string, string>,
  signal: AbortSignal | undefined,
) {
  let response: Response;
  try {
    response = await host.fetch(url, {
      headers,
      redirect: 'error',
      ...(signal === undefined ? {} : { signal }),
    });
  } catch (error) {
    signal?.throwIfAborted();
    throw new RemoteError({ code: 'unreachable' }, { status: 0, cause: error });
  }
  if (response.ok) return response;
  await response.body?.cancel();
  throw new RemoteError(
    { retryable: response.status >= 500 || response.status === 429 },
    { status: response.status },
  );
}
