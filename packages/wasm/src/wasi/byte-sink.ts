/**
 * Collects what a program writes, in one buffer that doubles: a program that writes single bytes must not
 * cost the host an object for each.
 */
export class ByteSink {
  readonly bytesMax: number;
  #buffer = noBytes;
  #length = 0;

  constructor(bytesMax: number) {
    this.bytesMax = bytesMax;
  }

  /** Keeps what fits and says how many bytes did not. */
  write(bytes: Uint8Array): number {
    const kept = Math.min(bytes.length, this.bytesMax - this.#length);
    if (kept > 0) {
      this.#reserve(this.#length + kept);
      this.#buffer.set(bytes.subarray(0, kept), this.#length);
      this.#length += kept;
    }
    return bytes.length - kept;
  }

  /** Everything kept so far, as a copy of its own. */
  bytes(): Uint8Array {
    return this.#buffer.slice(0, this.#length);
  }

  #reserve(length: number): void {
    if (length <= this.#buffer.length) return;
    const capacity = Math.min(this.bytesMax, Math.max(length, 2 * this.#buffer.length, 256));
    const grown = new Uint8Array(capacity);
    grown.set(this.#buffer.subarray(0, this.#length));
    this.#buffer = grown;
  }
}

const noBytes = new Uint8Array(0);
