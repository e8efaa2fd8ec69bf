import { allowedImportNames, importModule } from './allowed-imports.ts';
import { wasiCallFuel } from './cost-table.ts';
import type { JobEnvironment, UnitInput, UnitLimits } from './unit.ts';
import { argumentCalls } from './wasi/arguments.ts';
import { ByteSink } from './wasi/byte-sink.ts';
import { DescriptorTable } from './wasi/descriptors.ts';
import { WasiError } from './wasi/errno.ts';
import { GuestMemory } from './wasi/guest-memory.ts';
import type { HostCalls } from './wasi/host-calls.ts';
import { directoryCalls, inputFile } from './wasi/job-directory.ts';
import { pollCalls } from './wasi/poll.ts';
import { randomCalls } from './wasi/random-numbers.ts';
import { refusals } from './wasi/refusals.ts';
import { streamCalls } from './wasi/streams.ts';
import { FuelLimitReached, UnitExit } from './wasi/unit-end.ts';
import { clockCalls, VirtualClock } from './wasi/virtual-clock.ts';

/** Everything outside its own memory that one run of a program can reach. */
export interface UnitWorld {
  readonly imports: WebAssembly.Imports;
  readonly memory: GuestMemory;
  readonly output: ByteSink;
  readonly log: ByteSink;
  /** Fuel of the host calls made so far. */
  hostFuel(): bigint;
  /** From now on host calls are counted in the program's own counter, and one that passes the cap stops the unit. */
  capFuel(counter: WebAssembly.Global, fuelMax: bigint): void;
}

/**
 * Builds a fresh world for one unit. Two worlds of the same unit and job answer every call alike. `imported` names the
 * calls that the program imports: to wrap the others would take longer than a small unit runs.
 */
export function createUnitWorld(
  unit: UnitInput,
  job: JobEnvironment,
  limits: UnitLimits,
  imported: readonly string[] = allowedImportNames,
): UnitWorld {
  const memory = new GuestMemory();
  const meter = new HostMeter();
  const host = {
    memory,
    move: (bytes: number) => meter.move(bytes),
    list: (items: number) => meter.list(items),
  };
  const output = new ByteSink(limits.outputBytesMax);
  const log = new ByteSink(limits.logBytesMax);
  const clock = new VirtualClock();
  const descriptors = new DescriptorTable([
    inputFile(unit.input),
    { kind: 'output', sink: output, overflow: 'trap' },
    { kind: 'output', sink: log, overflow: 'drop' },
    { kind: 'directory' },
  ]);
  const groups: readonly HostCalls[] = [
    streamCalls(host, descriptors),
    directoryCalls(host, descriptors, job.files),
    argumentCalls(host, unit, job),
    clockCalls(host, clock),
    pollCalls(host, clock),
    randomCalls(host, unit, job),
    exitCalls,
    refusals,
  ];
  const calls: Record<string, AnyCall> = {};
  for (const name of imported) {
    const group = groups.find((candidate) => name in candidate);
    if (group !== undefined) calls[name] = meter.metered(name, group[name]);
  }
  return {
    imports: { [importModule]: calls },
    memory,
    output,
    log,
    hostFuel: () => meter.fuel,
    capFuel: (counter, fuelMax) => meter.cap(counter, fuelMax),
  };
}

const exitCalls: HostCalls = {
  proc_exit(exitCode: number) {
    throw new UnitExit(exitCode);
  },
};

type AnyCall = (...args: (number | bigint)[]) => number;

/** Adds up what host calls cost by the cost table. */
class HostMeter {
  fuel = 0n;
  #moved = 0;
  #listed = 0;
  #capped: { readonly counter: WebAssembly.Global; readonly fuelMax: bigint } | undefined;

  move(bytes: number): void {
    this.#moved += bytes;
  }

  cap(counter: WebAssembly.Global, fuelMax: bigint): void {
    this.#capped = { counter, fuelMax };
  }

  #charge(fuel: bigint): void {
    if (this.#capped === undefined) {
      this.fuel += fuel;
      return;
    }
    const { counter, fuelMax } = this.#capped;
    counter.value = BigInt.asIntN(64, (counter.value as bigint) + fuel);
    if (BigInt.asUintN(64, counter.value as bigint) > fuelMax) throw new FuelLimitReached();
  }

  list(items: number): void {
    this.#listed += items;
  }

  /** A call that is charged however it ends, and whose refusals become an errno. */
  metered(name: string, call: unknown): AnyCall {
    const answer = call as AnyCall;
    return (...args) => {
      this.#moved = 0;
      this.#listed = 0;
      try {
        return answer(...args);
      } catch (error) {
        if (error instanceof WasiError) return error.errno;
        throw error;
      } finally {
        this.#charge(wasiCallFuel(name, this.#moved, this.#listed));
      }
    };
  }
}
