/** What a program can see of its job. Everything here is part of the job, nothing is of the machine. */
export interface JobEnvironment {
  /** SHA-256 of the program as the customer uploaded it, lower-case hex. Keys the program's random numbers. */
  readonly programHash: string;
  /** The job's `seed`, default 0. Keys the program's random numbers. */
  readonly seed: bigint;
  /** Round of the job that this unit belongs to, from 0. */
  readonly round: number;
  /** Units in this round. The program reads it as TAIKA_UNIT_COUNT. */
  readonly unitCount: number;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** The job's files, seen by the program read-only under `/job/NAME`. */
  readonly files: ReadonlyMap<string, Uint8Array>;
}

/** One unit to run: its place in the round and its bytes, which the program reads on stdin. */
export interface UnitInput {
  /** From 0 to `unitCount − 1`. The program reads it as TAIKA_UNIT_INDEX. */
  readonly index: number;
  readonly input: Uint8Array;
}

/** Bounds on one unit. All are the job's, so that every terminal applies the same ones. */
export interface UnitLimits {
  /** Bound on the linear memory, in pages of 64 KiB; written into the program when it is rewritten. */
  readonly memoryPagesMax: number;
  /** Bytes on stdout; one more is the trap `output-limit`. */
  readonly outputBytesMax: number;
  /** Bytes of stderr that are kept; the rest is dropped silently. */
  readonly logBytesMax: number;
  /** Time after which the unit is returned. A host's wall clock, so never part of a result. */
  readonly durationMsMax: number;
  /** The cap that was written into the program, if one was: a unit above it is the trap `fuel-limit`. */
  readonly fuelMax?: bigint | undefined;
}

export const defaultUnitLimits: UnitLimits = {
  memoryPagesMax: 4096,
  outputBytesMax: 64 * 1024 * 1024,
  logBytesMax: 64 * 1024,
  durationMsMax: 10 * 60 * 1000,
};

/**
 * Fuel that no machine works off in a millisecond: the cheapest instructions were measured at 0.02 ns per fuel, and this
 * is twice that. Only a program made to count without working gets beyond it.
 */
export const fuelPerMsMax = 100_000_000;

/** Most fuel that a unit may report; one more is the trap `fuel-limit`. A JSON number holds it. */
export function reportedFuelMax({ durationMsMax }: Pick<UnitLimits, 'durationMsMax'>): bigint {
  const fuel = BigInt(Math.ceil(durationMsMax)) * BigInt(fuelPerMsMax);
  return fuel < jsonMax ? fuel : jsonMax;
}

const jsonMax = BigInt(Number.MAX_SAFE_INTEGER);
