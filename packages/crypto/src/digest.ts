import { toBase64url, toHex } from './encoding.ts';

export { fromBase64url, fromHex, toBase64url, toHex } from './encoding.ts';

/** SHA-256 of bytes, or of text as UTF-8. */
export async function sha256(data: Uint8Array | string): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', toBytes(data)));
}

/** SHA-256 in lower-case hexadecimal: 64 characters. */
export async function sha256Hex(data: Uint8Array | string): Promise<string> {
  return toHex(await sha256(data));
}

/** SHA-256 in base64url: 43 characters. */
export async function sha256Base64url(data: Uint8Array | string): Promise<string> {
  return toBase64url(await sha256(data));
}

/** HMAC-SHA-256. */
export async function hmacSha256(
  secret: Uint8Array | string,
  data: Uint8Array | string,
): Promise<Uint8Array> {
  const algorithm = { name: 'HMAC', hash: 'SHA-256' };
  const key = await crypto.subtle.importKey('raw', toBytes(secret), algorithm, false, ['sign']);
  return new Uint8Array(await crypto.subtle.sign('HMAC', key, toBytes(data)));
}

/** Compares in a time that does not depend on where the texts differ. */
export function equalInConstantTime(left: string, right: string): boolean {
  let difference = left.length ^ right.length;
  for (let index = 0; index < left.length; index++) {
    difference |= left.charCodeAt(index) ^ right.charCodeAt(index % Math.max(1, right.length));
  }
  return difference === 0;
}

/** Web Crypto takes no view of shared memory, so such bytes (and text) are copied. */
function toBytes(data: Uint8Array | string): Uint8Array<ArrayBuffer> {
  if (typeof data === 'string') {
    return new TextEncoder().encode(data);
  }
  return data.buffer instanceof ArrayBuffer ? (data as Uint8Array<ArrayBuffer>) : new Uint8Array(data);
}
