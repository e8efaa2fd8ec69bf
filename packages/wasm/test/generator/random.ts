/** A small seeded generator of random numbers (xorshift, 32 bits): the same seed makes the same module everywhere. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = (Math.imul(seed, 0x9e3779b1) ^ 0x5bd1e995) | 1;
    for (let k = 0; k < 8; k++) this.bits();
  }

  bits(): number {
    let x = this.#state;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.#state = x;
    return x | 0;
  }

  /** A whole number from 0 to `count - 1`. */
  below(count: number): number {
    return (this.bits() >>> 0) % count;
  }

  chance(percent: number): boolean {
    return this.below(100) < percent;
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)] as T;
  }
}
