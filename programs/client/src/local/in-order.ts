/**
 * Brings what ends in any order back into the order of its indexes, and bounds how far one may run ahead:
 * `turn(index)` waits until fewer than `window` places lie between `index` and the next one that is wanted.
 * Without the bound one slow unit at the front would make all others' outputs pile up in memory.
 */
export class InOrder<T> {
  readonly #window: number;
  readonly #ended = new Map<number, T>();
  #next = 0;
  #waiting: (() => void)[] = [];

  constructor(window: number) {
    this.#window = window;
  }

  async turn(index: number): Promise<void> {
    while (index >= this.#next + this.#window)
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  /** Takes what ended and gives what is next in order, possibly nothing. */
  *take(index: number, value: T): Generator<T> {
    this.#ended.set(index, value);
    for (;;) {
      const value = this.#ended.get(this.#next);
      if (value === undefined) return;
      this.#ended.delete(this.#next);
      this.#next += 1;
      for (const wake of this.#waiting.splice(0)) wake();
      yield value;
    }
  }
}
