/**
 * Runs units of rewritten programs with the real host calls. This file is bundled for the browser as it is, so Node and
 * Chromium run the same host, each on its own engine.
 */
import { runUnit } from '../src/run-unit.ts';
import { defaultUnitLimits, type JobEnvironment } from '../src/unit.ts';

/** The unit's input, and the job around it; nothing of it is taken from a machine. */
const input = new TextEncoder().encode('a unit of thirty-one characters');
const job: JobEnvironment = {
  programHash: 'ab'.repeat(32),
  seed: 7n,
  round: 2,
  unitCount: 40,
  args: ['--deep', 'é', ''],
  env: { ZONE: 'z', ALPHA: 'あ' },
  files: new Map([
    ['b.txt', new TextEncoder().encode('second')],
    ['a.txt', new TextEncoder().encode('the first file')],
  ]),
};

/** Each outcome as text in which all of it can be compared: bytes in base64, numbers in full. */
export function runUnits(programs: readonly string[]): string[] {
  return programs.map((base64, index) => {
    const module = new WebAssembly.Module(Uint8Array.fromBase64(base64));
    const outcome = runUnit(module, { index, input }, job, { ...defaultUnitLimits, outputBytesMax: 2 ** 20 });
    return JSON.stringify(outcome, (_key, value: unknown) => {
      if (typeof value === 'bigint') return String(value);
      return value instanceof Uint8Array ? value.toBase64() : value;
    });
  });
}
