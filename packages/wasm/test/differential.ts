/** Runs one module plain, metered and in the reference counter, and says where they disagree. */
import { admitProgram } from '../src/admit.ts';
import { fuelExport } from '../src/reserved.ts';
import { type Artefact, rewriteProgram } from '../src/rewrite.ts';
import { randomNan } from './reference/floats.ts';
import { Exit, Reference, TooLong, Trap } from './reference/interpret.ts';
import { Random } from './generator/random.ts';

/** How a run ended, what is in its memory, and its fuel when it has not trapped. */
export interface RunResult {
  readonly end: string;
  readonly memory: string;
  readonly fuel: string;
}

export const pagesMax = 4;

export function rewrite(bytes: Uint8Array, artefact: Artefact): Uint8Array {
  return rewriteProgram(admitProgram(bytes), { artefact, memoryPagesMax: pagesMax }).bytes;
}

/** Runs a command in this process's engine. */
export function runInEngine(bytes: Uint8Array): RunResult {
  const module = new WebAssembly.Module(bytes as BufferSource);
  const imports = { proc_exit: (code: number) => { throw new Exit(code); }, sched_yield: () => 0 };
  const instance = new WebAssembly.Instance(module, { wasi_snapshot_preview1: imports });
  const exported = instance.exports as Record<string, WebAssembly.Memory & WebAssembly.Global & (() => void)>;
  const end = ending(() => (exported['_start'] as () => void)());
  const fuel = end === 'trap' ? '' : String(exported[fuelExport]?.value ?? '');
  return { end, memory: digest(new Uint8Array((exported['memory'] as WebAssembly.Memory).buffer)), fuel };
}

/** Runs a command in the reference counter. Undefined when it takes too long. */
export function runInReference(bytes: Uint8Array, nanSeed?: number): RunResult | undefined {
  const imports = { proc_exit: (code: unknown) => { throw new Exit(code as number); }, sched_yield: () => 0 };
  const random = new Random(nanSeed ?? 0);
  const nan = nanSeed === undefined ? {} : { nan: randomNan(() => random.bits()) };
  const reference = new Reference(bytes, { imports, pagesMax, stepsMax: 400_000, ...nan });
  try {
    const end = ending(() => reference.run('_start'));
    return { end, memory: digest(new Uint8Array(reference.memory.buffer)), fuel: end === 'trap' ? '' : String(reference.fuel) };
  } catch (error) {
    if (error instanceof TooLong) return undefined;
    throw error;
  }
}

function ending(run: () => void): string {
  try {
    run();
    return 'returned';
  } catch (error) {
    if (error instanceof Exit) return `exit ${error.code}`;
    if (error instanceof Trap || error instanceof WebAssembly.RuntimeError) return 'trap';
    throw error;
  }
}

/** FNV-1a over 32-bit words: enough to see a difference, and the same in a browser. */
function digest(bytes: Uint8Array): string {
  let hash = 0x811c9dc5;
  for (const word of new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length >> 2)) hash = Math.imul(hash ^ word, 0x01000193);
  return `${bytes.length}:${hash >>> 0}`;
}
