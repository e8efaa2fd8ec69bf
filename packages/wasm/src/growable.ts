/** A list of 32-bit integers that grows: the passes keep one number for each thing they find, in code order. */
export class IntList {
  items: Int32Array;
  length = 0;

  constructor(capacity = 1024) {
    this.items = new Int32Array(capacity);
  }

  push(value: number): void {
    if (this.length === this.items.length) this.#grow();
    this.items[this.length++] = value;
  }

  at(index: number): number {
    return this.items[index] as number;
  }

  add(index: number, amount: number): void {
    this.items[index] = (this.items[index] as number) + amount;
  }

  /** Forgets all, and frees their memory. */
  clear(): void {
    this.items = new Int32Array(1);
    this.length = 0;
  }

  #grow(): void {
    const grown = new Int32Array(2 * this.items.length);
    grown.set(this.items);
    this.items = grown;
  }
}

/** A list of numbers up to 2^53 that grows. */
export class NumberList {
  items: Float64Array;
  length = 0;

  constructor(capacity = 1024) {
    this.items = new Float64Array(capacity);
  }

  push(value: number): void {
    if (this.length === this.items.length) {
      const grown = new Float64Array(2 * this.items.length);
      grown.set(this.items);
      this.items = grown;
    }
    this.items[this.length++] = value;
  }

  at(index: number): number {
    return this.items[index] as number;
  }

  add(index: number, amount: number): void {
    this.items[index] = (this.items[index] as number) + amount;
  }
}
