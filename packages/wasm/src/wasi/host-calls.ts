import type { Errno } from './errno.ts';
import type { GuestMemory } from './guest-memory.ts';

/**
 * Some functions of the WASI surface, answered for one unit. Numbers arrive signed, as WebAssembly hands
 * them over; an errno is the answer.
 */
export interface HostCalls {
  readonly [name: string]: (...args: never[]) => Errno;
}

/** What host calls have in common: the program's memory, and the meter of what they move. */
export interface Host {
  readonly memory: GuestMemory;
  /** Says how many bytes the present call moves between program and host: they are part of its cost. */
  move(bytes: number): void;
  /** Says how many entries of a list the present call goes through. */
  list(items: number): void;
}
