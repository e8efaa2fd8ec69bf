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

/** What host calls have in common: the program's memory, and the meter of the work done on its behalf. */
export interface Host {
  readonly memory: GuestMemory;
  /** Charges work that grows with the bytes moved. The fixed part of a call is charged by its caller. */
  charge(fuel: number): void;
}
