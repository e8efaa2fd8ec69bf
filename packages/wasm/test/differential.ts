/** One module of the random tests: made from a seed, rewritten, run in the reference counter and in an engine. */
import { admitProgram } from '../src/admit.ts';
import { admitArtefact } from '../src/admit-artefact.ts';
import { fuelExport } from '../src/reserved.ts';
import { type Form, rewriteProgram } from '../src/rewrite.ts';
import { type FloatUse, generateModule } from './generator/generate.ts';
import { Random } from './generator/random.ts';
import { hardwareNans, type NanChoice, randomNan } from './reference/floats.ts';
import { Exit, Reference, TooLong, Trap } from './reference/interpret.ts';
import { type RunResult, runInEngine } from './run-in-engine.ts';

/** Pages that the programs of the tests may reach. */
export const pagesMax = 4;

/** How floats are used by the module of a seed: all three kinds in turn. */
export function floatUseOf(seed: number): FloatUse {
  return (['none', 'hidden', 'visible'] as const)[seed % 3] as FloatUse;
}

export function rewrite(bytes: Uint8Array, artefact: Form): Uint8Array {
  const rewritten = rewriteProgram(admitProgram(bytes), { artefact, memoryPagesMax: pagesMax }).bytes;
  if (!WebAssembly.validate(rewritten as BufferSource)) throw new Error('The rewritten module is invalid.');
  admitArtefact(rewritten);
  return rewritten;
}

export function runHere(bytes: Uint8Array): RunResult {
  return runInEngine([toBase64(bytes)], fuelExport)[0] as RunResult;
}

export function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}

/** Runs a command in the reference counter, with NaN bits as given, or as a seed has them. Undefined when it takes too long. */
export function runInReference(
  bytes: Uint8Array,
  nanBits?: number | NanChoice,
): Omit<RunResult, 'output'> | undefined {
  const exit = (code: unknown): never => {
    throw new Exit(code as number);
  };
  const random = new Random(typeof nanBits === 'number' ? nanBits : 0);
  const chosen = typeof nanBits === 'number' ? randomNan(() => random.bits()) : nanBits;
  const nan = chosen === undefined ? {} : { nan: chosen };
  const imports = { proc_exit: exit, sched_yield: () => 0 };
  const reference = new Reference(bytes, { imports, pagesMax, stepsMax: 400_000, ...nan });
  let end = 'returned';
  try {
    reference.run('_start');
  } catch (error) {
    if (error instanceof TooLong) return undefined;
    if (error instanceof Trap) end = 'trap';
    else if (error instanceof Exit) end = `exit ${error.code}`;
    else throw error;
  }
  return { end, memory: digest(reference.memory), fuel: end === 'trap' ? '' : String(reference.fuel) };
}

/**
 * Checks the module of a seed in this process. Returns what must be equal in every other engine, or undefined when the
 * module runs too long; throws when anything disagrees.
 */
export function checkSeed(
  seed: number,
): { readonly rewritten: Uint8Array; readonly result: RunResult } | undefined {
  const floats = floatUseOf(seed);
  const bytes = generateModule(seed, floats);
  if (floats === 'visible') return checkBits(bytes, seed);
  const expected = runInReference(bytes);
  if (expected === undefined) return undefined;
  const rewritten = rewrite(bytes, 'fast');
  const result = runHere(rewritten);
  expectSame('reference and metered', expected, result);
  const plain = runHere(bytes);
  expectSame('plain and metered', { ...plain, fuel: '' }, { ...result, fuel: '' });
  expectSame('fast and strict', result, runHere(rewrite(bytes, 'strict')));
  return { rewritten, result };
}

/**
 * Bits of NaN may become visible: under any choice of them the strict program must do the same. And that is what the
 * original does, with its fuel, where arithmetic makes every NaN the canonical one: so a number that strict has taken for
 * a NaN is seen, too, and so is a sign that abs, neg or copysign has set and strict undone.
 */
function checkBits(
  bytes: Uint8Array,
  seed: number,
): { readonly rewritten: Uint8Array; readonly result: RunResult } | undefined {
  const rewritten = rewrite(bytes, 'strict');
  const original = runInReference(bytes);
  const first = runInReference(rewritten, seed);
  const second = runInReference(rewritten, seed + 1);
  if (original === undefined || first === undefined || second === undefined) return undefined;
  expectSame('two choices of NaN bits', { ...first, fuel: '' }, { ...second, fuel: '' });
  const result = runHere(rewritten);
  expectSame('reference and engine', { ...first, fuel: '' }, { ...result, fuel: '' });
  expectSame('original and strict', original, result);
  for (const form of ['positive', 'negative'] as const) {
    const judged = runInReference(bytes, hardwareNans[form]);
    if (judged !== undefined) expectSame(`original and ${form}`, judged, runHere(rewrite(bytes, form)));
  }
  return { rewritten, result };
}

function expectSame(what: string, left: Omit<RunResult, 'output'>, right: Omit<RunResult, 'output'>): void {
  if (left.end === right.end && left.memory === right.memory && left.fuel === right.fuel) return;
  throw new Error(`${what} disagree: ${JSON.stringify(left)} ${JSON.stringify(right)}`);
}

/** As `runInEngine` hashes the memory. */
function digest(memory: DataView): string {
  let hash = 0x811c9dc5 | 0;
  for (const word of new Int32Array(memory.buffer)) hash = Math.imul(hash ^ word, 0x01000193);
  return `${memory.byteLength}:${hash >>> 0}`;
}
