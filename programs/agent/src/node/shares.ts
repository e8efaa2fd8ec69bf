import { availableParallelism, totalmem } from 'node:os';

/** Cores of this machine. */
export const coresOfMachine = availableParallelism();

/** A guest's share of the cores: a quarter, at least one. */
export function defaultCores(): number {
  return Math.max(1, Math.floor(coresOfMachine / 4));
}

/** A guest's share of the memory: an eighth, at least 512 MiB, at most 4 GiB. */
export function defaultMemoryMiB(): number {
  return Math.min(4096, Math.max(512, Math.floor(totalmem() / 2 ** 20 / 8)));
}
