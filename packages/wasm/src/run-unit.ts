import type { UnitOutcome } from './outcome.ts';
import { fuelExport, memoryExport, startExport } from './reserved.ts';
import { endOfThrow } from './run-end.ts';
import { type JobEnvironment, reportedFuelMax, type UnitInput, type UnitLimits } from './unit.ts';
import { createUnitWorld } from './wasi.ts';

/**
 * Runs one unit of a rewritten program in a fresh instance and says what came of it.
 * Synchronous and without a clock: `durationMsMax` is kept by whoever owns the thread.
 * Throws only if we are wrong: a module that was never rewritten, or a failure that no rule explains.
 */
export function runUnit(
  module: WebAssembly.Module,
  unit: UnitInput,
  job: JobEnvironment,
  limits: UnitLimits,
): UnitOutcome {
  const world = createUnitWorld(unit, job, limits, importsOf(module));
  const fuelMax = fuelMaxOf(limits);
  let fuel: WebAssembly.Global | undefined;
  let exitCode = 0;
  try {
    const { exports } = new WebAssembly.Instance(module, world.imports);
    const command = commandOf(exports);
    fuel = command.fuel;
    world.memory.attach(command.memory);
    if (limits.fuelMax !== undefined) world.capFuel(command.fuel, limits.fuelMax);
    command.start();
  } catch (error) {
    const end = endOfThrow(error, fuelOf(fuel), fuelMax);
    if (end.kind === 'trapped') return { ...end, stderr: world.log.bytes() };
    if (end.kind === 'returned') return end;
    exitCode = end.exitCode;
  }
  // A program may pass its cap after the last place that compares: then its end does.
  const spent = fuelOf(fuel) + world.hostFuel();
  if (spent > fuelMax) return { kind: 'trapped', trap: 'fuel-limit', stderr: world.log.bytes() };
  return {
    kind: 'completed',
    exitCode,
    output: exitCode === 0 ? world.output.bytes() : new Uint8Array(0),
    stderr: world.log.bytes(),
    fuel: spent,
    memoryPages: world.memory.pages,
  };
}

/** The job's cap, or what a machine may report when that is less. */
function fuelMaxOf(limits: UnitLimits): bigint {
  const reported = reportedFuelMax(limits);
  return limits.fuelMax !== undefined && limits.fuelMax < reported ? limits.fuelMax : reported;
}

/** The names a module imports, asked of the engine once: a small unit takes less time than the question. */
function importsOf(module: WebAssembly.Module): readonly string[] {
  let names = importsByModule.get(module);
  if (names === undefined) {
    names = WebAssembly.Module.imports(module).map(({ name }) => name);
    importsByModule.set(module, names);
  }
  return names;
}

const importsByModule = new WeakMap<WebAssembly.Module, readonly string[]>();

interface Command {
  readonly start: () => void;
  readonly memory: WebAssembly.Memory;
  readonly fuel: WebAssembly.Global;
}

function commandOf(exports: WebAssembly.Exports): Command {
  const start = exports[startExport];
  const memory = exports[memoryExport];
  const fuel = exports[fuelExport];
  if (typeof start !== 'function') throw new Error(`The program exports no function ${startExport}.`);
  if (!(memory instanceof WebAssembly.Memory)) throw new Error(`The program exports no ${memoryExport}.`);
  if (!(fuel instanceof WebAssembly.Global))
    throw new Error('The program was not rewritten: it counts no fuel.');
  return { start: start as () => void, memory, fuel };
}

/** The counter is an unsigned 64-bit number in a global that JavaScript reads as signed. */
function fuelOf(fuel: WebAssembly.Global | undefined): bigint {
  return fuel === undefined ? 0n : BigInt.asUintN(64, fuel.value as bigint);
}
