/** Puts a 32-bit length before a message, as both ends of the runner's pipes expect it. */
export function frame(message: Uint8Array): Uint8Array {
  const framed = new Uint8Array(4 + message.length);
  new DataView(framed.buffer).setUint32(0, message.length, true);
  framed.set(message, 4);
  return framed;
}

/**
 * Cuts a byte stream back into messages. A length above `bytesMax` throws before anything of that size is
 * allocated: the other end may be in foreign hands.
 */
export class FrameReader {
  readonly #bytesMax: number;
  readonly #onMessage: (message: Uint8Array) => void;
  readonly #header = new Uint8Array(4);
  #headerFilled = 0;
  #body: Uint8Array | undefined;
  #bodyFilled = 0;

  constructor(bytesMax: number, onMessage: (message: Uint8Array) => void) {
    this.#bytesMax = bytesMax;
    this.#onMessage = onMessage;
  }

  push(chunk: Uint8Array): void {
    for (let at = 0; at < chunk.length || this.#isComplete(); ) {
      if (this.#body === undefined) at += this.#readHeader(chunk.subarray(at));
      else at += this.#readBody(this.#body, chunk.subarray(at));
    }
  }

  #isComplete(): boolean {
    return this.#body !== undefined && this.#bodyFilled === this.#body.length;
  }

  #readHeader(chunk: Uint8Array): number {
    const piece = chunk.subarray(0, 4 - this.#headerFilled);
    this.#header.set(piece, this.#headerFilled);
    this.#headerFilled += piece.length;
    if (this.#headerFilled === 4) {
      const length = new DataView(this.#header.buffer).getUint32(0, true);
      if (length > this.#bytesMax) throw new Error(`A frame of ${length} bytes is above ${this.#bytesMax}.`);
      this.#body = new Uint8Array(length);
      this.#bodyFilled = 0;
    }
    return piece.length;
  }

  #readBody(body: Uint8Array, chunk: Uint8Array): number {
    const piece = chunk.subarray(0, body.length - this.#bodyFilled);
    body.set(piece, this.#bodyFilled);
    this.#bodyFilled += piece.length;
    if (this.#bodyFilled === body.length) {
      this.#body = undefined;
      this.#headerFilled = 0;
      this.#onMessage(body);
    }
    return piece.length;
  }
}
