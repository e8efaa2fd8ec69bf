import { createHmac, timingSafeEqual } from 'node:crypto';
import { ApiError } from '@taika/http/api-error';

/** What makes a blob readable without a key: its name and an instant, under a secret that the replicas share. */
export interface UrlSigner {
  readonly baseUrl: string;
  readonly secret: Uint8Array;
}

/** A URL by which whoever has it can read one blob until `until`. */
export function signBlobUrl(sha256: string, until: Date, { baseUrl, secret }: UrlSigner): string {
  const instant = String(until.getTime());
  return `${baseUrl}/v1/signed-blobs/${sha256}?until=${instant}&signature=${macOf(sha256, instant, secret)}`;
}

/** Throws ApiError `bad-signature` when the query does not permit reading the blob now. */
export function checkBlobUrl(
  sha256: string,
  { until, signature }: { readonly until: string; readonly signature: string },
  secret: Uint8Array,
  now: Date,
): void {
  const expected = Buffer.from(macOf(sha256, until, secret));
  const given = Buffer.from(signature);
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
    throw new ApiError('bad-signature', 'This address was not given out by this server.');
  }
  if (Number(until) <= now.getTime()) {
    throw new ApiError(
      'bad-signature',
      'This address is no longer good: ask for a new one with the next call.',
    );
  }
}

function macOf(sha256: string, until: string, secret: Uint8Array): string {
  return createHmac('sha256', secret).update(`taika signed blob 1\n${sha256}\n${until}`).digest('base64url');
}
