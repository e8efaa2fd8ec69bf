import type { UnitRange } from './splitter.ts';

/** Where all units of a job lie: 16 bytes a unit, so that a million of them are no burden; names where they have names. */
export class UnitPlaces {
  #offsets = new Float64Array(1_024);
  #lengths = new Float64Array(1_024);
  readonly #names: string[] = [];
  #count = 0;

  get count(): number {
    return this.#count;
  }

  add({ offset, length, name }: UnitRange): void {
    if (this.#count === this.#offsets.length) {
      this.#offsets = doubled(this.#offsets);
      this.#lengths = doubled(this.#lengths);
    }
    this.#offsets[this.#count] = offset;
    this.#lengths[this.#count] = length;
    if (name !== undefined) {
      this.#names.push(name);
    }
    this.#count += 1;
  }

  at(index: number): UnitRange {
    return { offset: this.#offsets[index] ?? 0, length: this.#lengths[index] ?? 0 };
  }

  /** The units' names, in order; empty where the split gives none. */
  names(): readonly string[] {
    return this.#names;
  }
}

function doubled(values: Float64Array): Float64Array<ArrayBuffer> {
  const more = new Float64Array(2 * values.length);
  more.set(values);
  return more;
}
