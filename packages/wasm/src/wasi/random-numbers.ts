import type { JobEnvironment, UnitInput } from '../unit.ts';
import { errno } from './errno.ts';
import type { Host, HostCalls } from './host-calls.ts';

/**
 * The random numbers of one unit: the XChaCha20 keystream (draft-irtf-cfrg-xchacha, in the original layout
 * with a 64-bit block counter), where
 *
 *     key   = programHash                      32 bytes
 *     nonce = seed ‖ round ‖ unit index        three 64-bit little-endian numbers
 *
 * Nothing here comes from a server or a machine, so a run on the grid, its repetition and `taika local`
 * draw the same numbers, and two units never share a stream. The key is public: these numbers are
 * statistically good, and they are no secret.
 */
export class RandomNumbers {
  readonly #state: Uint32Array;
  readonly #block = new Uint32Array(16);
  readonly #blockBytes = new Uint8Array(this.#block.buffer);
  #used = 64;

  constructor(programHash: string, seed: bigint, round: number, unitIndex: number) {
    const key = wordsOfHex(programHash);
    const subkey = hchacha20(key, Uint32Array.of(...words64(seed), ...words64(BigInt(round))));
    this.#state = Uint32Array.of(...sigma, ...subkey, 0, 0, ...words64(BigInt(unitIndex)));
  }

  fill(target: Uint8Array): void {
    for (let filled = 0; filled < target.length; ) {
      if (this.#used === 64) this.#nextBlock();
      const count = Math.min(64 - this.#used, target.length - filled);
      target.set(this.#blockBytes.subarray(this.#used, this.#used + count), filled);
      this.#used += count;
      filled += count;
    }
  }

  #nextBlock(): void {
    this.#block.set(this.#state);
    permute(this.#block);
    for (let i = 0; i < 16; i++) this.#block[i] = word(this.#block, i) + word(this.#state, i);
    littleEndian(this.#block);
    this.#used = 0;
    this.#state[12] = word(this.#state, 12) + 1;
    if (this.#state[12] === 0) this.#state[13] = word(this.#state, 13) + 1;
  }
}

export function randomCalls(host: Host, unit: UnitInput, job: JobEnvironment): HostCalls {
  let numbers: RandomNumbers | undefined;
  return {
    random_get(out: number, length: number) {
      const target = host.memory.slice(out, length);
      host.move(target.length);
      numbers ??= new RandomNumbers(job.programHash, job.seed, job.round, unit.index);
      numbers.fill(target);
      return errno.success;
    },
  };
}

/** "expand 32-byte k", ChaCha's constant. */
const sigma = [0x61707865, 0x3320646e, 0x79622d32, 0x6b206574] as const;

/** HChaCha20: the permutation without the final addition; words 0–3 and 12–15 are the new key. */
export function hchacha20(key: ArrayLike<number>, nonce: ArrayLike<number>): Uint32Array {
  const x = Uint32Array.of(...sigma, ...Array.from(key), ...Array.from(nonce));
  permute(x);
  return Uint32Array.of(...x.subarray(0, 4), ...x.subarray(12, 16));
}

/** ChaCha's twenty rounds, in place. */
function permute(x: Uint32Array): void {
  for (let round = 0; round < 20; round += 2) {
    for (let column = 0; column < 4; column++) quarterRound(x, column, column + 4, column + 8, column + 12);
    for (let column = 0; column < 4; column++) {
      quarterRound(x, column, 4 + ((column + 1) & 3), 8 + ((column + 2) & 3), 12 + ((column + 3) & 3));
    }
  }
}

function quarterRound(x: Uint32Array, a: number, b: number, c: number, d: number): void {
  halfQuarter(x, a, b, d, 16);
  halfQuarter(x, c, d, b, 12);
  halfQuarter(x, a, b, d, 8);
  halfQuarter(x, c, d, b, 7);
}

/** `to += from; mixed = rotate(mixed ^ to, bits)`. */
function halfQuarter(x: Uint32Array, to: number, from: number, mixed: number, bits: number): void {
  const sum = (word(x, to) + word(x, from)) | 0;
  const value = word(x, mixed) ^ sum;
  x[to] = sum;
  x[mixed] = (value << bits) | (value >>> (32 - bits));
}

function word(words: Uint32Array, position: number): number {
  return words[position] as number;
}

function words64(value: bigint): [number, number] {
  const bits = BigInt.asUintN(64, value);
  return [Number(bits & 0xffff_ffffn), Number(bits >> 32n)];
}

function wordsOfHex(hash: string): Uint32Array {
  if (!/^[0-9a-f]{64}$/.test(hash)) throw new TypeError('programHash must be 64 lower-case hex digits.');
  const bytes = Uint8Array.from(hash.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
  const view = new DataView(bytes.buffer);
  return Uint32Array.from({ length: 8 }, (_, i) => view.getUint32(4 * i, true));
}

/** Turns words into little-endian bytes in place, whatever this machine's own order is. */
function littleEndian(words: Uint32Array): void {
  const view = new DataView(words.buffer);
  for (let i = 0; i < words.length; i++) view.setUint32(4 * i, word(words, i), true);
}
