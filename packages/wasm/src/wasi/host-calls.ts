import type { WasiFunctionName } from '../wasi-signatures.ts';
import type { Errno } from './errno.ts';
import type { GuestMemory } from './guest-memory.ts';

/**
 * Some functions of the WASI surface, answered for one unit. Numbers arrive signed, as WebAssembly hands
 * them over; an errno is the answer.
 */
export type HostCalls = {
  readonly [Name in WasiFunctionName]?: (...args: never[]) => Errno;
};

/** What host calls have in common: the program's memory, and the meter of what they move. */
export interface Host {
  readonly memory: GuestMemory;
  /** Says how many bytes the present call moves between program and host: they are part of its cost. */
  move(bytes: number): void;
}
