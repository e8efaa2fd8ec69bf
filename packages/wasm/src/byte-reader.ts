import { malformed } from './admission-error.ts';

/**
 * Reads WebAssembly's primitive encodings from `pos` to `end`, strictly: a LEB128 number longer than its type allows,
 * or with bits set beyond it, is refused as the specification demands, so one module has one reading.
 */
export class ByteReader {
  readonly bytes: Uint8Array;
  pos: number;
  end: number;

  constructor(bytes: Uint8Array, pos: number, end: number) {
    this.bytes = bytes;
    this.pos = pos;
    this.end = end;
  }

  byte(): number {
    if (this.pos >= this.end) throw this.#cut();
    return this.bytes[this.pos++] as number;
  }

  /** Unsigned, at most 32 bits. */
  u32(): number {
    if (this.pos >= this.end) throw this.#cut();
    const first = this.bytes[this.pos] as number;
    if (first < 0x80) {
      this.pos++;
      return first;
    }
    return this.#longU32();
  }

  /** Signed, at most 32 bits. */
  s32(): number {
    return this.#signed(32);
  }

  /** Signed, at most 33 bits: the type of a block, where a negative number is a value type. */
  s33(): number {
    return this.#signed(33);
  }

  /** Checks and skips a signed number of at most 64 bits, whose value nobody needs. */
  skipS64(): void {
    const start = this.pos;
    for (let count = 1; ; count++) {
      const byte = this.byte();
      if (count === 10) {
        if (byte !== 0x00 && byte !== 0x7f) throw malformed('A 64-bit number has too many bits.', start);
        return;
      }
      if (byte < 0x80) return;
    }
  }

  skip(count: number): void {
    if (count > this.end - this.pos) throw this.#cut();
    this.pos += count;
  }

  /** A length-prefixed UTF-8 string. */
  name(): string {
    const length = this.u32();
    const start = this.pos;
    this.skip(length);
    try {
      return utf8.decode(this.bytes.subarray(start, this.pos));
    } catch {
      throw malformed('A name is not UTF-8.', start);
    }
  }

  #longU32(): number {
    const start = this.pos;
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.byte();
      if (shift === 28 && byte > 0x0f) throw malformed('A 32-bit number has too many bits.', start);
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    throw malformed('A 32-bit number has too many bytes.', start);
  }

  #signed(bits: 32 | 33): number {
    const start = this.pos;
    const first = this.byte();
    if (first < 0x80) return first < 0x40 ? first : first - 0x80;
    let value = first & 0x7f;
    for (let shift = 7; shift < 35; shift += 7) {
      const byte = this.byte();
      if (shift === 28) {
        // The bits beyond the type must repeat its sign bit, and nothing may follow.
        const sign = bits === 32 ? 0x08 : 0x10;
        const beyond = byte & (bits === 32 ? 0x78 : 0x70);
        const allOnes = bits === 32 ? 0x78 : 0x70;
        if (byte >= 0x80 || beyond !== ((byte & sign) === 0 ? 0 : allOnes)) {
          throw malformed(`A ${bits}-bit number has too many bits.`, start);
        }
      }
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return (byte & 0x40) === 0 ? value : value - 2 ** (shift + 7);
    }
    throw malformed(`A ${bits}-bit number has too many bytes.`, start);
  }

  #cut() {
    return malformed('The module ends in the middle of something.', this.pos);
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
