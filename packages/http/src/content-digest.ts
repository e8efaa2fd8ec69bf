/**
 * `Content-Digest` of RFC 9530, SHA-256 only: both ends of a call see that bytes were damaged on the way, so that a
 * member with a bad line is asked again and not taken for a liar. Web standards only.
 */
export const contentDigestHeader = 'content-digest';

/** By which a caller asks for the digest of what is streamed; it costs the server a second reading. */
export const wantDigestHeader = 'want-content-digest';

/** The header's value for bytes with this SHA-256. */
export function formatContentDigest(sha256: Uint8Array): string {
  return `sha-256=:${sha256.toBase64()}:`;
}

/** Whether a header fits bytes with this SHA-256. One that names no SHA-256 says nothing, so it fits. */
export function fitsContentDigest(header: string, sha256: Uint8Array): boolean {
  const named = /(?:^|,)\s*sha-256=:([A-Za-z0-9+/=]*):/.exec(header)?.[1];
  return named === undefined || named === sha256.toBase64();
}
