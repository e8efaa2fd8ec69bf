import { errno, WasiError } from './errno.ts';

/**
 * The program's linear memory as the host calls see it.
 * Every access is checked here by arithmetic and never by catching what a typed array throws: a caught
 * RangeError could also be an exhausted stack, which differs between machines and must not become an errno.
 */
export class GuestMemory {
  #memory: WebAssembly.Memory | undefined;
  #bytes = noBytes;
  #view = noView;

  attach(memory: WebAssembly.Memory): void {
    this.#memory = memory;
  }

  /** Size in pages of 64 KiB. */
  get pages(): number {
    return this.#refresh().length >>> 16;
  }

  /** The bytes at `pointer`, shared with the program; valid until it grows its memory. */
  slice(pointer: number, length: number): Uint8Array {
    const start = pointer >>> 0;
    const end = start + (length >>> 0);
    const bytes = this.#refresh();
    if (end > bytes.length) throw new WasiError(errno.fault);
    return bytes.subarray(start, end);
  }

  readU32(pointer: number): number {
    return this.#at(pointer, 4).getUint32(pointer >>> 0, true);
  }

  readU16(pointer: number): number {
    return this.#at(pointer, 2).getUint16(pointer >>> 0, true);
  }

  readU8(pointer: number): number {
    return this.#at(pointer, 1).getUint8(pointer >>> 0);
  }

  readU64(pointer: number): bigint {
    return this.#at(pointer, 8).getBigUint64(pointer >>> 0, true);
  }

  writeU32(pointer: number, value: number): void {
    this.#at(pointer, 4).setUint32(pointer >>> 0, value, true);
  }

  writeU16(pointer: number, value: number): void {
    this.#at(pointer, 2).setUint16(pointer >>> 0, value, true);
  }

  writeU8(pointer: number, value: number): void {
    this.#at(pointer, 1).setUint8(pointer >>> 0, value);
  }

  writeU64(pointer: number, value: bigint): void {
    this.#at(pointer, 8).setBigUint64(pointer >>> 0, value, true);
  }

  #at(pointer: number, length: number): DataView {
    if ((pointer >>> 0) + length > this.#refresh().length) throw new WasiError(errno.fault);
    return this.#view;
  }

  /** A grown memory has a new buffer and detaches the old one. */
  #refresh(): Uint8Array {
    const buffer = this.#memory?.buffer ?? this.#bytes.buffer;
    if (buffer !== this.#bytes.buffer) {
      this.#bytes = new Uint8Array(buffer);
      this.#view = new DataView(buffer);
    }
    return this.#bytes;
  }
}

/** Shared: to make them for each unit would take longer than a small unit runs. */
const noBytes = new Uint8Array(0);
const noView = new DataView(noBytes.buffer);
