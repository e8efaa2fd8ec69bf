import { createHmac } from 'node:crypto';
import type { Random } from '@taika/runtime/random';

/** The chance that a decision may use. */
export type Draw = Pick<Random, 'fraction'>;

/** What a decision's chance is drawn from. */
export interface DrawSubject {
  readonly assignment: bigint;
  /** The identity of the committed result, so that nothing is drawn before the terminal is bound to it. */
  readonly commitHash: Uint8Array;
  /** The kind of event and its count for this assignment: a second decision about it draws anew. */
  readonly occasion: string;
}

/**
 * Chance that a terminal cannot foresee and an inspector who holds the secret can repeat: HMAC-SHA256 over the assignment
 * and the commit, then over a counter.
 */
export function drawFor(secret: Uint8Array, { assignment, commitHash, occasion }: DrawSubject): Draw {
  const id = Buffer.alloc(8);
  id.writeBigUInt64BE(assignment);
  const seed = createHmac('sha256', secret).update(id).update(commitHash).update(occasion).digest();
  let counter = 0;
  return {
    fraction() {
      const block = createHmac('sha256', seed).update(String(counter++)).digest();
      return ((block.readUInt32BE(0) >>> 6) * 2 ** 27 + (block.readUInt32BE(4) >>> 5)) / 2 ** 53;
    },
  };
}
