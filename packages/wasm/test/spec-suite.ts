/**
 * The WebAssembly specification's own tests, where somebody has them: `node packages/wasm/test/spec-suite.ts FOLDER`, with
 * a folder of what wabt's `wast2json` makes of `.wast` files. No npm package carries them, so `npm test` does not run them.
 *
 * Every module that is admitted runs plain, fast and strict in the engine and in the reference: same results, same traps,
 * same fuel after each call. What the suite calls invalid or malformed must be refused, unless the engine takes it.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AdmissionError } from '../src/admission-error.ts';
import { admitProgram } from '../src/admit.ts';
import { fuelExport } from '../src/reserved.ts';
import { rewriteProgram } from '../src/rewrite.ts';
import { toF32, toF64 } from './reference/floats.ts';
import { Reference, TooLong, Trap, type Value } from './reference/interpret.ts';

const pagesMax = 16_384;

interface Constant {
  readonly type: string;
  readonly value?: string;
}

interface Command {
  readonly type: string;
  readonly line: number;
  readonly filename?: string;
  readonly module_type?: string;
  readonly action?: {
    readonly type: string;
    readonly module?: string;
    readonly field: string;
    readonly args: readonly Constant[];
  };
  readonly expected?: readonly Constant[];
}

/** One module in all its forms; the reference runs the original. */
interface Running {
  readonly reference: Reference;
  readonly forms: readonly WebAssembly.Exports[];
}

const counts = { modules: 0, notAdmitted: 0, calls: 0, traps: 0, leftOut: 0, refused: 0, failed: 0 };

const folder = process.argv[2];
if (folder === undefined) throw new Error('Name a folder of wast2json’s output.');
for (const file of readdirSync(folder).filter((name) => name.endsWith('.json'))) runFile(folder, file);
console.log(JSON.stringify(counts));
process.exitCode = counts.failed > 0 || counts.calls === 0 ? 1 : 0;

function runFile(folder: string, file: string): void {
  const { commands } = JSON.parse(readFileSync(join(folder, file), 'utf8')) as { commands: Command[] };
  const read = ({ filename = '' }: Command) => new Uint8Array(readFileSync(join(folder, filename)));
  let running: Running | undefined;
  for (const command of commands) {
    const problem = (() => {
      switch (command.type) {
        case 'module':
          counts.modules++;
          running = start(read(command));
          return undefined;
        case 'assert_invalid':
        case 'assert_malformed':
          return command.module_type === 'binary' ? checkRefused(read(command)) : undefined;
        case 'assert_return':
        case 'assert_trap':
        case 'action':
          if (!callable(running, command)) return undefined;
          try {
            return call(running, command);
          } catch (error) {
            if (!(error instanceof TooLong)) throw error;
            // Too deep for an interpreter in JavaScript: what follows would meet another state.
            running = undefined;
            counts.leftOut++;
            return undefined;
          }
        default:
          counts.leftOut++;
          return undefined;
      }
    })();
    if (problem === undefined) continue;
    counts.failed++;
    console.error(`${file}, line ${command.line}: ${problem}`);
  }
}

/** Undefined for modules that are not admitted: they import, start, or use what is not on the allow-list. */
function start(bytes: Uint8Array): Running | undefined {
  try {
    const program = admitProgram(bytes, { commandOnly: false });
    const rewritten = (['fast', 'strict'] as const).map(
      (artefact) => rewriteProgram(program, { artefact, memoryPagesMax: pagesMax }).bytes,
    );
    const forms = [bytes, ...rewritten].map(
      (form) => new WebAssembly.Instance(new WebAssembly.Module(Uint8Array.from(form))).exports,
    );
    return { reference: new Reference(bytes, { pagesMax, stepsMax: 20_000_000 }), forms };
  } catch (error) {
    if (!(error instanceof AdmissionError || error instanceof WebAssembly.RuntimeError)) throw error;
    counts.notAdmitted++;
    return undefined;
  }
}

function checkRefused(bytes: Uint8Array): string | undefined {
  try {
    admitProgram(bytes, { commandOnly: false });
  } catch (error) {
    if (!(error instanceof AdmissionError)) throw error;
    counts.refused++;
    return undefined;
  }
  return WebAssembly.validate(Uint8Array.from(bytes)) ? undefined : 'An invalid module is admitted.';
}

/** Calls between modules are left out, and values that JavaScript cannot hand over: vectors, references, bits of NaN. */
function callable(running: Running | undefined, { action, expected = [] }: Command): running is Running {
  const isPlain = ({ type, value = '' }: Constant) =>
    ['i32', 'i64'].includes(type) ||
    (['f32', 'f64'].includes(type) && !Number.isNaN(numberOf({ type, value })));
  const can =
    running !== undefined &&
    action?.type === 'invoke' &&
    action.module === undefined &&
    action.args.every(isPlain) &&
    expected.every(({ type }) => ['i32', 'i64', 'f32', 'f64'].includes(type));
  if (!can) counts.leftOut++;
  return can;
}

function call({ reference, forms }: Running, { action, expected = [] }: Command): string | undefined {
  if (action === undefined) return undefined;
  const args = action.args.map(numberOf);
  const counters = forms.slice(1).map((form) => form[fuelExport] as WebAssembly.Global);
  const wanted = ended(() =>
    reference
      .run(action.field, ...action.args.map(bitsOf))
      .map((value, k) => plainValue(value, expected[k]?.type)),
  );
  const found = forms.map((form) =>
    ended(() => {
      const result: unknown = (form[action.field] as (...args: unknown[]) => unknown)(...args);
      return result === undefined ? [] : [result].flat();
    }),
  );
  const odd = found.find((end) => end !== wanted);
  if (odd !== undefined) return `${action.field}: ${odd} instead of ${wanted}`;
  if (wanted === 'trap') {
    // A trap has no fuel: all begin anew.
    counts.traps++;
    reference.fuel = 0n;
    for (const counter of counters) counter.value = 0n;
    return undefined;
  }
  counts.calls++;
  const fuels = counters.map((counter) => BigInt.asUintN(64, counter.value as bigint));
  return fuels.every((fuel) => fuel === reference.fuel)
    ? undefined
    : `${action.field}: fuel ${fuels.join(' and ')} instead of ${reference.fuel}`;
}

function ended(run: () => readonly unknown[]): string {
  try {
    return `returned ${run().map(textOf).join()}`;
  } catch (error) {
    if (error instanceof Trap || error instanceof WebAssembly.RuntimeError) return 'trap';
    throw error;
  }
}

/** NaN is one value: its bits are not what is compared here. */
function textOf(value: unknown): string {
  return Object.is(value, -0) ? '-0' : String(value);
}

/** As the reference has it: floats are their bits. */
function bitsOf({ type, value = '0' }: Constant): Value {
  const wide = type === 'i64' || type === 'f64';
  return wide ? BigInt.asIntN(64, BigInt(value)) : Number(BigInt.asIntN(32, BigInt(value)));
}

function numberOf(constant: Constant): number | bigint {
  if (constant.value?.startsWith('nan') === true) return Number.NaN;
  return plainValue(bitsOf(constant), constant.type) as number | bigint;
}

function plainValue(value: Value, type: string | undefined): Value {
  if (type === 'f32') return toF32(value as number);
  return type === 'f64' ? toF64(value as bigint) : value;
}
