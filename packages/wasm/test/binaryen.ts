/** Modules from binaryen's own generator for fuzzing: another mind's idea of what a module may look like. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import binaryen from 'binaryen';
import { AdmissionError } from '../src/admission-error.ts';
import { admitProgram } from '../src/admit.ts';
import { fuelExport } from '../src/reserved.ts';
import { type Artefact, rewriteProgram } from '../src/rewrite.ts';
import { Random } from './generator/random.ts';
import { Reference, TooLong, Trap } from './reference/interpret.ts';

const optimiser = fileURLToPath(import.meta.resolve('binaryen/bin/wasm-opt'));
const features = [
  'sign-ext',
  'nontrapping-float-to-int',
  'mutable-globals',
  'bulk-memory',
  'multivalue',
  'simd',
];
const pagesMax = 64;

/**
 * A module made from random bytes: no imports, and every NaN turned into 0, so that engines cannot differ in its bits.
 * Undefined when the generator's own validator refuses what its passes have made, as happens for one seed in three.
 */
export function makeModule(seed: number): Uint8Array | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'taika-binaryen-'));
  try {
    const random = new Random(seed);
    const input = join(folder, 'input');
    const output = join(folder, 'module.wasm');
    writeFileSync(
      input,
      Uint8Array.from({ length: 12_000 }, () => random.below(256)),
    );
    const flags = ['--mvp-features', ...features.map((feature) => `--enable-${feature}`)];
    const passes = ['--remove-imports', '--dce', '--denan', '--dce', ...(seed % 2 === 0 ? ['-O2'] : [])];
    const made = spawnSync(process.execPath, [optimiser, input, '-ttf', ...flags, ...passes, '-o', output]);
    if (made.status !== 0) return undefined;
    return exportMemory(readFileSync(output));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The generator keeps its memory to itself, if it makes one, and it is the memory that must be equal. */
function exportMemory(bytes: Uint8Array): Uint8Array {
  const module = binaryen.readBinary(bytes);
  if (!module.hasMemory()) {
    module.dispose();
    return bytes;
  }
  module.setFeatures(binaryen.Features.All);
  module.addMemoryExport('0', 'taika_test_memory');
  const exported = module.emitBinary();
  module.dispose();
  return exported;
}

interface Ended {
  readonly end: string;
  readonly memory: string;
  readonly fuel: string;
}

/** Calls the functions that the generator made for being called, each in a fresh instance. Returns how many were compared. */
export function compareCalls(bytes: Uint8Array): number {
  if (isRefused(bytes)) return 0;
  const plain = new WebAssembly.Module(Uint8Array.from(bytes));
  const [fast, strict] = (['fast', 'strict'] as const).map((artefact) => rewrite(bytes, artefact));
  const { exports } = new WebAssembly.Instance(plain);
  let compared = 0;
  for (const [name, value] of Object.entries(exports)) {
    if (typeof value !== 'function' || !name.endsWith('_invoker')) continue;
    const expected = callInReference(bytes, name);
    if (expected === undefined) continue;
    expectSame(`${name}, metered`, expected, call(fast, name));
    expectSame(`${name}, strict`, expected, call(strict, name));
    expectSame(`${name}, plain`, { ...expected, fuel: '' }, { ...call(plain, name), fuel: '' });
    compared++;
  }
  return compared;
}

/** Some have a start function, or more of something than is allowed. */
function isRefused(bytes: Uint8Array): boolean {
  try {
    admitProgram(bytes, { commandOnly: false });
    return false;
  } catch (error) {
    if (error instanceof AdmissionError) return true;
    throw error;
  }
}

function rewrite(bytes: Uint8Array, artefact: Artefact): WebAssembly.Module {
  const program = admitProgram(bytes, { commandOnly: false });
  return new WebAssembly.Module(
    Uint8Array.from(rewriteProgram(program, { artefact, memoryPagesMax: pagesMax }).bytes),
  );
}

/** Undefined when it runs too long or too deep for an interpreter in JavaScript. */
function callInReference(bytes: Uint8Array, name: string): Ended | undefined {
  const reference = new Reference(bytes, { pagesMax, stepsMax: 50_000 });
  let end = 'returned';
  try {
    reference.run(name);
  } catch (error) {
    if (error instanceof TooLong || error instanceof RangeError) return undefined;
    if (!(error instanceof Trap)) throw error;
    end = 'trap';
  }
  const fuel = end === 'trap' ? '' : String(reference.fuel);
  return { end, memory: digest(new Uint8Array(reference.memory.buffer)), fuel };
}

function call(module: WebAssembly.Module | undefined, name: string): Ended {
  const { exports } = new WebAssembly.Instance(module as WebAssembly.Module);
  let end = 'returned';
  try {
    (exports[name] as () => void)();
  } catch (error) {
    if (!(error instanceof WebAssembly.RuntimeError)) throw error;
    end = 'trap';
  }
  const memory = Object.values(exports).find((value) => value instanceof WebAssembly.Memory);
  const fuel = exports[fuelExport] as WebAssembly.Global | undefined;
  return {
    end,
    memory: digest(new Uint8Array(memory?.buffer ?? new ArrayBuffer(0))),
    fuel: end === 'trap' ? '' : String(fuel?.value ?? ''),
  };
}

function digest(bytes: Uint8Array): string {
  let hash = 0x811c9dc5 | 0;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193);
  return `${bytes.length}:${hash >>> 0}`;
}

function expectSame(what: string, expected: Ended, found: Ended): void {
  if (JSON.stringify(expected) === JSON.stringify(found)) return;
  throw new Error(`${what}: ${JSON.stringify(expected)} ${JSON.stringify(found)}`);
}
