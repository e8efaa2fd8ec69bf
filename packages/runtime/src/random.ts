/** Randomness as the rest of the system sees it. Passed in, so that a test can repeat a run from its seed. */
export interface Random {
  /** `length` independent bytes. */
  bytes(length: number): Uint8Array;
  /** A number from 0 up to but not including 1, with 53 random bits. */
  fraction(): number;
}

/** The machine's cryptographic generator. Only a composition root names it. */
export const systemRandom: Random = {
  bytes(length) {
    const bytes = new Uint8Array(length);
    for (let offset = 0; offset < length; offset += webCryptoBytesMax) {
      crypto.getRandomValues(bytes.subarray(offset, offset + webCryptoBytesMax));
    }
    return bytes;
  },
  fraction() {
    const [high = 0, low = 0] = crypto.getRandomValues(new Uint32Array(2));
    return toFraction(high, low);
  },
};

/** A generator (xoshiro128**) that gives the same sequence for the same seed. For tests and simulation, never for secrets. */
export function seededRandom(seed: string | number | bigint): Random {
  const next = xoshiro128(String(seed));
  return {
    bytes(length) {
      const bytes = new Uint8Array(length);
      let word = 0;
      for (let index = 0; index < length; index++) {
        word = index % 4 === 0 ? next() : word >>> 8;
        bytes[index] = word & 0xff;
      }
      return bytes;
    },
    fraction: () => toFraction(next(), next()),
  };
}

/** `getRandomValues` refuses more than this in one call. */
const webCryptoBytesMax = 65_536;

function toFraction(high: number, low: number): number {
  return ((high >>> 6) * 2 ** 27 + (low >>> 5)) / 2 ** 53;
}

function xoshiro128(seed: string): () => number {
  let [a, b, c, d] = expandSeed(seed);
  return () => {
    const result = Math.imul(rotateLeft(Math.imul(b, 5), 7), 9) >>> 0;
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = rotateLeft(d, 11);
    return result;
  };
}

/** Four words that differ in about half their bits for seeds that differ in one: FNV-1a, then murmur3's finaliser. */
function expandSeed(seed: string): [number, number, number, number] {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(seed)) {
    hash = Math.imul(hash ^ byte, 0x01000193);
  }
  const word = (salt: number) => {
    let mixed = (hash + Math.imul(salt, 0x9e3779b9)) | 0;
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
    return mixed ^ (mixed >>> 16);
  };
  return [word(1), word(2), word(3), word(4)];
}

function rotateLeft(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}
