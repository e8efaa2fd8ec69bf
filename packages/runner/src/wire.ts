/**
 * The byte layout between parent and runner: little-endian numbers, byte strings with a 32-bit length.
 * Our own, because the parent reads what a process full of foreign code sent: V8's serialisation is not made
 * for that. A reader throws on everything that does not fit.
 */
export class WireWriter {
  #bytes = new Uint8Array(1024);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  u8(value: number): this {
    const at = this.#take(1);
    this.#view.setUint8(at, value);
    return this;
  }

  u32(value: number): this {
    const at = this.#take(4);
    this.#view.setUint32(at, value, true);
    return this;
  }

  u64(value: bigint): this {
    const at = this.#take(8);
    this.#view.setBigUint64(at, value, true);
    return this;
  }

  f64(value: number): this {
    const at = this.#take(8);
    this.#view.setFloat64(at, value, true);
    return this;
  }

  bytes(value: Uint8Array): this {
    this.u32(value.length);
    const at = this.#take(value.length);
    this.#bytes.set(value, at);
    return this;
  }

  text(value: string): this {
    return this.bytes(new TextEncoder().encode(value));
  }

  /** Everything written, in a buffer of its own. */
  finish(): Uint8Array<ArrayBuffer> {
    return this.#bytes.slice(0, this.#length);
  }

  /** Makes room. It may replace buffer and view, so it must run before either is looked at. */
  #take(length: number): number {
    const start = this.#length;
    this.#length += length;
    if (this.#length > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(this.#length, 2 * this.#bytes.length));
      grown.set(this.#bytes.subarray(0, start));
      this.#bytes = grown;
      this.#view = new DataView(grown.buffer);
    }
    return start;
  }
}

export class WireReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #position = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  u8(): number {
    return this.#view.getUint8(this.#take(1));
  }

  u32(): number {
    return this.#view.getUint32(this.#take(4), true);
  }

  u64(): bigint {
    return this.#view.getBigUint64(this.#take(8), true);
  }

  f64(): number {
    return this.#view.getFloat64(this.#take(8), true);
  }

  /** A copy, so that a small value does not keep a large frame in memory. */
  bytes(): Uint8Array<ArrayBuffer> {
    const length = this.u32();
    const start = this.#take(length);
    return Uint8Array.from(this.#bytes.subarray(start, start + length));
  }

  text(): string {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(this.bytes());
  }

  end(): void {
    if (this.#position !== this.#bytes.length) throw new Error('A frame holds more bytes than its message.');
  }

  #take(length: number): number {
    const start = this.#position;
    this.#position += length;
    if (this.#position > this.#bytes.length) throw new Error('A frame ends inside its message.');
    return start;
  }
}
