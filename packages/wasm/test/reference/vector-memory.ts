/** Vector instructions that read and write memory, apart from the plain load and store of 16 bytes. */
import { at } from './floats.ts';
import { lanes, vectorOf } from './integer-vectors.ts';

/** Bytes that a load (0x01 to 0x0a, 0x5c, 0x5d), or a load or store of a lane (0x54 to 0x5b), touches; 0 for others. */
export function bytesTouched(sub: number): number {
  if (sub >= 0x01 && sub <= 0x06) return 8;
  if (sub >= 0x07 && sub <= 0x0a) return 1 << (sub - 0x07);
  if (sub >= 0x54 && sub <= 0x5b) return 1 << (sub & 3);
  return sub === 0x5c ? 4 : sub === 0x5d ? 8 : 0;
}

/** The vector that a load makes of the bytes it read. */
export function loaded(sub: number, read: Uint8Array): Uint8Array {
  if (sub <= 0x06) {
    const bits = at([8, 8, 16, 16, 32, 32], sub - 1);
    return vectorOf(2 * bits, lanes(padded(read), bits, sub % 2 === 1).slice(0, 64 / bits));
  }
  if (sub <= 0x0a) return new Uint8Array(16).map((_, k) => at(read, k % read.length));
  return padded(read);
}

/** The vector with one lane replaced by what was read. */
export function laneLoaded(vector: Uint8Array, lane: number, read: Uint8Array): Uint8Array {
  const bytes = vector.slice();
  bytes.set(read, lane * read.length);
  return bytes;
}

function padded(read: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(16);
  bytes.set(read);
  return bytes;
}
