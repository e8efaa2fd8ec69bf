import { admitProgram } from '@taika/wasm/admit';
import { rewriteProgram } from '@taika/wasm/rewrite';
import { defaultUnitLimits, type JobEnvironment } from '@taika/wasm/unit';
import { createUnitWorld } from '@taika/wasm/wasi';
import { UnitExit } from '@taika/wasm/wasi/unit-end';
import { type BenchProgram, type Character, readPrograms } from './programs.ts';

/** CPU time of one program in its three forms, in milliseconds, and what rewriting did to its size. */
export interface Measurement {
  readonly name: string;
  readonly character: Character;
  readonly plainMs: number;
  readonly fastMs: number;
  readonly strictMs: number;
  readonly growth: number;
  readonly strictGrowth: number;
}

/** More rounds for a loaded machine: `node bench/wasm/main.ts --rounds 25`. */
const rounds = Number(process.argv[2] ?? 11);
const job: JobEnvironment = {
  programHash: '00'.repeat(32),
  seed: 0n,
  round: 0,
  unitCount: 1,
  args: [],
  env: {},
  files: new Map(),
};

/**
 * Run as a child with the runner's own engine flags. The forms take turns, so that a busy moment of the
 * machine meets all of them, in another order each round, and the least processor time counts: noise only ever adds.
 */
function measure({ name, character, bytes }: BenchProgram): Measurement {
  const fast = rewriteProgram(admitProgram(bytes), { artefact: 'fast', memoryPagesMax: 4096 }).bytes;
  const strict = rewriteProgram(admitProgram(bytes), { artefact: 'strict', memoryPagesMax: 4096 }).bytes;
  const modules = [bytes, fast, strict].map((form) => new WebAssembly.Module(Uint8Array.from(form)));
  const least = modules.map(() => Number.POSITIVE_INFINITY);
  const outputs = modules.map((module) => runOnce(module).output);
  if (new Set(outputs).size !== 1) throw new Error(`${name} computes something else when it is rewritten.`);
  for (let round = 0; round < rounds; round++) {
    for (let turn = 0; turn < modules.length; turn++) {
      const form = (round + turn) % modules.length;
      least[form] = Math.min(least[form]!, runOnce(modules[form]!).cpuMs);
    }
  }
  const [plainMs, fastMs, strictMs] = least as [number, number, number];
  return {
    name,
    character,
    plainMs,
    fastMs,
    strictMs,
    growth: fast.length / bytes.length,
    strictGrowth: strict.length / bytes.length,
  };
}

function runOnce(module: WebAssembly.Module): { cpuMs: number; output: string } {
  const world = createUnitWorld({ index: 0, input: new Uint8Array(0) }, job, defaultUnitLimits);
  const { exports } = new WebAssembly.Instance(module, world.imports);
  world.memory.attach(exports.memory as WebAssembly.Memory);
  const before = process.threadCpuUsage();
  try {
    (exports._start as () => void)();
  } catch (error) {
    if (!(error instanceof UnitExit)) throw error;
  }
  const { user, system } = process.threadCpuUsage(before);
  return { cpuMs: (user + system) / 1000, output: new TextDecoder().decode(world.output.bytes()) };
}

/** MB of module bytes admitted and rewritten per second. */
function rewritingSpeed(programs: readonly BenchProgram[]): number {
  const rewriteAll = () => {
    for (const { bytes } of programs) {
      rewriteProgram(admitProgram(bytes), { artefact: 'fast', memoryPagesMax: 4096 });
    }
  };
  const total = programs.reduce((sum, { bytes }) => sum + bytes.length, 0);
  let least = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 60; round++) {
    const before = process.threadCpuUsage();
    rewriteAll();
    const { user, system } = process.threadCpuUsage(before);
    least = Math.min(least, user + system);
  }
  return total / least;
}

const programs = readPrograms();
const measurements = programs.map(measure);
console.log(JSON.stringify({ measurements, rewritingMBps: rewritingSpeed(programs) }));
