/** What `InOrder` holds at most. */
export interface OrderBounds {
  /** How many places one may be ahead of the next that is wanted. */
  readonly window: number;
  /** Bytes of what ended too early, and of what is at work as far as its size can be known beforehand. */
  readonly bytesMax: number;
  /** So many may always be at work while what ended too early is within `bytesMax`. */
  readonly parallel: number;
}

/**
 * Brings outputs that end in any order back into the order of their indexes, and bounds how far one may run ahead: without
 * the bound one slow unit at the front would make all others' outputs pile up in memory. How large an output will be
 * is not known; it is taken to be like the largest so far, and until there is one no more than `parallel` are at work.
 */
export class InOrder {
  readonly #bounds: OrderBounds;
  readonly #ended = new Map<number, Uint8Array>();
  readonly #atWork = new Map<number, number>();
  #endedBytes = 0;
  #atWorkBytes = 0;
  #largest: number | undefined;
  #next = 0;
  #waiting: (() => void)[] = [];

  constructor(bounds: OrderBounds) {
    this.#bounds = bounds;
  }

  /** Bytes of what ended too early. */
  get endedBytes(): number {
    return this.#endedBytes;
  }

  /** Waits until a unit may begin. Units ask in their order. */
  async turn(index: number, inputBytes: number): Promise<void> {
    while (!this.#mayBegin(index, inputBytes))
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#atWork.set(index, inputBytes);
    this.#atWorkBytes += inputBytes;
  }

  /** Takes what ended and gives what is next in order, possibly nothing. */
  *take(index: number, output: Uint8Array): Generator<Uint8Array> {
    this.#atWorkBytes -= this.#atWork.get(index) ?? 0;
    this.#atWork.delete(index);
    this.#largest = Math.max(this.#largest ?? 0, output.length);
    this.#ended.set(index, output);
    this.#endedBytes += output.length;
    for (;;) {
      const next = this.#ended.get(this.#next);
      if (next !== undefined) {
        this.#ended.delete(this.#next);
        this.#endedBytes -= next.length;
        this.#next += 1;
      }
      for (const wake of this.#waiting.splice(0)) wake();
      if (next === undefined) return;
      yield next;
    }
  }

  #mayBegin(index: number, inputBytes: number): boolean {
    const { window, bytesMax, parallel } = this.#bounds;
    // Everything else may be waiting for this one.
    if (index === this.#next) return true;
    if (index >= this.#next + window || this.#endedBytes >= bytesMax) return false;
    const count = this.#atWork.size;
    if (count < parallel) return true;
    if (this.#largest === undefined) return false;
    return this.#endedBytes + this.#atWorkBytes + inputBytes + (count + 1) * this.#largest <= bytesMax;
  }
}
