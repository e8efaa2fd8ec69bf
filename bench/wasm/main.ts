import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { openSandbox } from '@taika/runner/open-sandbox';
import { admitProgram } from '@taika/wasm/admit';
import { rewriteProgram } from '@taika/wasm/rewrite';
import { defaultUnitLimits } from '@taika/wasm/unit';
import type { Measurement } from './measure.ts';
import { measureNative } from './native.ts';
import { trivialProgram } from './trivial-program.ts';

/**
 * What counting costs. Prints one JSON line: `geomean` and `worst` are metered over plain without the pure
 * recursion, `strictGeomean` is metered and canonicalised over plain for the programs with scalar floats.
 */
async function main(): Promise<void> {
  const { measurements, rewritingMBps } = measure();
  const native = measureNative(measurements.map(({ name }) => name));
  const counted = measurements.filter(({ character }) => character !== 'recursion');
  const fast = counted.map(({ fastMs, plainMs }) => fastMs / plainMs);
  const strictOf = (character: string) =>
    counted
      .filter((program) => program.character === character)
      .map(({ strictMs, plainMs }) => strictMs / plainMs);
  const recursion = measurements.find(({ character }) => character === 'recursion');
  const overNative = measurements.flatMap(({ name, plainMs }) => {
    const nativeMs = native.get(name);
    return nativeMs === undefined ? [] : [plainMs / nativeMs];
  });
  const line = {
    geomean: rounded(geomean(fast)),
    worst: rounded(Math.max(...fast)),
    strictGeomean: rounded(geomean(strictOf('float'))),
    strictSimd: strictOf('simd').map(rounded),
    recursion: recursion === undefined ? null : rounded(recursion.fastMs / recursion.plainMs),
    growthGeomean: rounded(geomean(measurements.map(({ growth }) => growth))),
    growthWorst: rounded(Math.max(...measurements.map(({ growth }) => growth))),
    rewritingMBps: rounded(rewritingMBps),
    trivialUnitsPerSecond: Math.round(await trivialUnitsPerSecond()),
    wasmOverNative: overNative.length === 0 ? null : rounded(geomean(overNative)),
    programs: measurements.map((program) => ({
      name: program.name,
      character: program.character,
      plainMs: rounded(program.plainMs),
      fast: rounded(program.fastMs / program.plainMs),
      strict: rounded(program.strictMs / program.plainMs),
      growth: rounded(program.growth),
      nativeMs: native.has(program.name) ? rounded(native.get(program.name)!) : null,
    })),
  };
  console.log(JSON.stringify(line));
}

function measure(): { measurements: Measurement[]; rewritingMBps: number } {
  const child = fileURLToPath(new URL('measure.ts', import.meta.url));
  return JSON.parse(execFileSync(process.execPath, ['--no-liftoff', child], { encoding: 'utf8' }));
}

const trivialUnits = 20_000;

/** Units that do next to nothing through one warm worker, best of three. */
async function trivialUnitsPerSecond(): Promise<number> {
  const { bytes } = rewriteProgram(admitProgram(trivialProgram), { artefact: 'fast', memoryPagesMax: 4096 });
  const job = {
    programHash: '00'.repeat(32),
    seed: 0n,
    round: 0,
    unitCount: trivialUnits,
    args: [],
    env: {},
    files: new Map(),
  };
  await using sandbox = await openSandbox({ artefact: bytes, job, limits: defaultUnitLimits, parallel: 1 });
  let best = 0;
  for (let round = 0; round < 3; round++) {
    const startedAt = performance.now();
    for await (const { outcome } of sandbox.run(units())) {
      if (outcome.kind !== 'completed') throw new Error(`A trivial unit was ${outcome.kind}.`);
    }
    best = Math.max(best, (1000 * trivialUnits) / (performance.now() - startedAt));
  }
  return best;
}

function* units() {
  for (let index = 0; index < trivialUnits; index++) yield { index, input: new Uint8Array(64) };
}

function geomean(values: readonly number[]): number {
  return Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);
}

function rounded(value: number): number {
  return Math.round(value * 1000) / 1000;
}

await main();
