import { sha256HexSync } from './node-digest.ts';

/**
 * A UUID (version 8, RFC 9562) that derives from a logical event, such as `license-fee:<registration>:2026-11`: whoever
 * works the event out again gets the same id, so a repeated request to the other company is recognised there.
 */
export function derivedId(event: string): string {
  const hex = sha256HexSync(event);
  const variant = '89ab'.charAt(Number.parseInt(hex.charAt(16), 16) & 3);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
