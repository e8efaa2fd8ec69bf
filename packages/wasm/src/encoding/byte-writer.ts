/** Writes WebAssembly's primitive encodings into a buffer that grows. Numbers take their shortest form. */
export class ByteWriter {
  bytes: Uint8Array;
  length = 0;

  constructor(capacity: number) {
    this.bytes = new Uint8Array(capacity);
  }

  byte(value: number): void {
    if (this.length === this.bytes.length) this.#reserve(1);
    this.bytes[this.length++] = value;
  }

  u32(value: number): void {
    let rest = value;
    while (rest >= 0x80) {
      this.byte((rest & 0x7f) | 0x80);
      rest >>>= 7;
    }
    this.byte(rest);
  }

  /** A signed number of 32 bits. */
  s32(value: number): void {
    let rest = value;
    while (rest < -0x40 || rest >= 0x40) {
      this.byte((rest & 0x7f) | 0x80);
      rest >>= 7;
    }
    this.byte(rest & 0x7f);
  }

  /** A non-negative whole number up to 2^53 as a signed number: the weight of a segment. */
  weight(value: number): void {
    let rest = value;
    while (rest >= 0x40) {
      this.byte((rest % 0x80) | 0x80);
      rest = Math.floor(rest / 0x80);
    }
    this.byte(rest);
  }

  /** A signed number of 64 bits. */
  s64(value: bigint): void {
    let rest = value;
    while (rest < -0x40n || rest >= 0x40n) {
      this.byte(Number(rest & 0x7fn) | 0x80);
      rest >>= 7n;
    }
    this.byte(Number(rest & 0x7fn));
  }

  /** A length-prefixed string of ASCII. */
  name(text: string): void {
    this.u32(text.length);
    for (let k = 0; k < text.length; k++) this.byte(text.charCodeAt(k));
  }

  /** The part of `source` from `start` to `end`. */
  copy(source: Uint8Array, start: number, end: number): void {
    const count = end - start;
    if (this.length + count > this.bytes.length) this.#reserve(count);
    if (count < 32) {
      // Pieces between edits are short, and a call of `set` costs more than a few bytes.
      const bytes = this.bytes;
      let at = this.length;
      for (let k = start; k < end; k++) bytes[at++] = source[k] as number;
    } else {
      this.bytes.set(source.subarray(start, end), this.length);
    }
    this.length += count;
  }

  append(other: ByteWriter): void {
    this.copy(other.bytes, 0, other.length);
  }

  finish(): Uint8Array {
    return this.bytes.slice(0, this.length);
  }

  #reserve(count: number): void {
    const grown = new Uint8Array(Math.max(2 * this.bytes.length, this.length + count));
    grown.set(this.bytes.subarray(0, this.length));
    this.bytes = grown;
  }
}
