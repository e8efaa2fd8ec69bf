/** What is known of each run, in columns: no object per run, so that 10^7 fit. */
export interface UnitStore {
  readonly state: Uint8Array;
  /** Whose result it is, −1 none. */
  readonly author: Int32Array;
  /** What the author answered (strategy.ts). */
  readonly answer: Uint8Array;
  /** 1 while a copy is wanted. */
  readonly awaits: Uint8Array;
  /** Why, as an index into auditReasons. */
  readonly reason: Uint8Array;
  /** Who computes the copy, and what came back. */
  readonly copyBy: Int32Array;
  readonly copyAnswer: Uint8Array;
  /** 1 while the reference executor shall judge; 2 in every form of the program. */
  readonly judging: Uint8Array;
  /** Who agreed: −1 nobody, −2 the reference, else a terminal. */
  readonly voucher: Int32Array;
  /** 1 when a check drawn at random was passed. */
  readonly sampled: Uint8Array;
  /** Whose result was dropped here, −1 nobody's, and what that was; the next result is compared with it. */
  readonly droppedBy: Int32Array;
  readonly dropped: Uint8Array;
  readonly finalAfter: Int32Array;
  readonly committedAt: Float32Array;
  readonly next: Int32Array;
  readonly inboxNext: Int32Array;
}

/** States of a run. */
export const runStates = { ready: 0, out: 1, open: 2, final: 3 } as const;

export const nobody = -1;
export const reference = -2;

/** Room for `count` runs, all ready. */
export function createUnitStore(count: number): UnitStore {
  const bytes = () => new Uint8Array(count);
  const numbers = () => new Int32Array(count);
  const none = () => new Int32Array(count).fill(nobody);
  return {
    state: bytes(),
    author: none(),
    answer: bytes(),
    awaits: bytes(),
    reason: bytes(),
    copyBy: none(),
    copyAnswer: bytes(),
    judging: bytes(),
    voucher: none(),
    sampled: bytes(),
    droppedBy: none(),
    dropped: bytes(),
    finalAfter: numbers(),
    committedAt: new Float32Array(count),
    next: none(),
    inboxNext: none(),
  };
}

/** An element that is there. */
export function at(column: Uint8Array | Int32Array | Float32Array, index: number): number {
  return column[index] ?? 0;
}
