/** A queue between those who push and one reader. Bounded by whoever looks at `length` before pushing. */
export class Channel<T> implements AsyncIterable<T> {
  #items: T[] = [];
  #head = 0;
  #isEnded = false;
  #error: unknown;
  #wake: (() => void) | undefined;

  get length(): number {
    return this.#items.length - this.#head;
  }

  push(item: T): void {
    this.#items.push(item);
    this.#wake?.();
  }

  /** After what is queued the reader sees the end, or `error` thrown if one is given. */
  end(error?: unknown): void {
    this.#isEnded = true;
    this.#error ??= error;
    this.#wake?.();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    for (;;) {
      if (this.length > 0) yield this.#take();
      else if (this.#error !== undefined) throw this.#error;
      else if (this.#isEnded) return;
      else await this.#pushed();
    }
  }

  #take(): T {
    const item = this.#items[this.#head++] as T;
    if (this.#head > 1024 || this.#head === this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return item;
  }

  async #pushed(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#wake = resolve;
    await promise;
    this.#wake = undefined;
  }
}
