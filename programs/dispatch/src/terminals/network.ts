import { isIP } from 'node:net';
import { sha256Sync } from '@taika/crypto/node-digest';
import { isPublicAddress } from '../webhooks/public-address.ts';

/**
 * Names the network that a terminal calls from, its /24 or /48, by a number that does not tell the address; 0 where that
 * says nothing of who it is: this machine, or the contractor's own network.
 */
export function networkOf(address: string): number {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '');
  const family = isIP(plain);
  if (!isPublicAddress(plain) && !loopbackBeyondFirst.test(plain)) {
    return 0;
  }
  const prefix = family === 4 ? plain.split('.').slice(0, 3).join('.') : wordsOf(plain).slice(0, 3).join(':');
  // 0 means that nothing is known.
  const { buffer, byteOffset } = sha256Sync(prefix);
  return new DataView(buffer, byteOffset).getInt32(0) || 1;
}

/**
 * The address that a request comes from. Behind a proxy on the contractor's own network it is the last one that the
 * proxy added to X-Forwarded-For; from anybody else that header says what its sender likes, and is not looked at.
 */
export function addressOf(peer: string | undefined, forwardedFor: string | undefined): string {
  const last = forwardedFor?.split(',').at(-1)?.trim() ?? '';
  return last !== '' && peer !== undefined && networkOf(peer) === 0 ? last : (peer ?? '');
}

/** The eight words of an IPv6 address, in one spelling. */
function wordsOf(address: string): string[] {
  const [plain = ''] = address.split('%');
  const [head = '', tail] = plain.split('::');
  const words = (text: string | undefined) => (text === undefined || text === '' ? [] : text.split(':'));
  const [before, after] = [words(head), words(tail)];
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - before.length - after.length);
  return [...before, ...Array.from({ length: zeros }, () => '0'), ...after].map((word) =>
    Number.parseInt(word, 16).toString(16),
  );
}

/** Addresses of this machine that nobody has by chance: programs on it that are to be told apart call from them. */
const loopbackBeyondFirst = /^127\.(?!0\.0\.)\d+\.\d+\.\d+$/;
