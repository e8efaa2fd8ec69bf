import type { ByteSink } from './byte-sink.ts';
import { errno, WasiError } from './errno.ts';

/** What a descriptor number stands for. There is nothing else a program could open. */
export type Descriptor = OpenFile | OutputStream | JobDirectory;

/** Bytes that can be read and sought in: the unit's input, or a file of the job. */
export interface OpenFile {
  readonly kind: 'file';
  readonly inode: number;
  readonly bytes: Uint8Array;
  position: number;
}

/** Standard output or standard error. `overflow` decides what becomes of bytes past the sink's bound. */
export interface OutputStream {
  readonly kind: 'output';
  readonly sink: ByteSink;
  readonly overflow: 'trap' | 'drop';
}

/** `/job`, flat and read-only. */
export interface JobDirectory {
  readonly kind: 'directory';
}

/** The number under which programs find `/job` already open. */
export const jobDirectoryDescriptor = 3;

/** A real system has such a bound too, and a program must not make the host keep millions of objects. */
const openMax = 256;

/** The open descriptors of one unit. Numbers are handed out as POSIX does: always the lowest free one. */
export class DescriptorTable {
  readonly #open = new Map<number, Descriptor>();

  constructor(standard: readonly Descriptor[]) {
    for (const [number, descriptor] of standard.entries()) this.#open.set(number, descriptor);
  }

  get(number: number): Descriptor {
    const descriptor = this.#open.get(number);
    if (descriptor === undefined) throw new WasiError(errno.badDescriptor);
    return descriptor;
  }

  file(number: number): OpenFile {
    const descriptor = this.get(number);
    if (descriptor.kind === 'directory') throw new WasiError(errno.isDirectory);
    if (descriptor.kind === 'output') throw new WasiError(errno.badDescriptor);
    return descriptor;
  }

  open(descriptor: Descriptor): number {
    if (this.#open.size >= openMax) throw new WasiError(errno.tooManyOpen);
    let number = 0;
    while (this.#open.has(number)) number++;
    this.#open.set(number, descriptor);
    return number;
  }

  close(number: number): void {
    this.get(number);
    this.#open.delete(number);
  }

  /** Moves a descriptor to another number that is open, as POSIX `dup2` followed by `close` would. */
  renumber(from: number, to: number): void {
    const descriptor = this.get(from);
    this.get(to);
    this.#open.delete(from);
    this.#open.set(to, descriptor);
  }
}
