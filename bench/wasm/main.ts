import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Measurement } from './measure.ts';
import { measureNative } from './native.ts';
import { measureTrivialUnits } from './trivial-units.ts';

/**
 * What counting costs. Prints one JSON line: `geomean` and `worst` are metered over plain without the pure
 * recursion, `strictGeomean` is metered and canonicalised over plain for the programs with scalar floats.
 */
async function main(): Promise<void> {
  const { measurements, rewritingMBps } = measure();
  const { compiler, times: native } = measureNative(measurements.map(({ name }) => name));
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
    strictGrowthGeomean: rounded(geomean(measurements.map(({ strictGrowth }) => strictGrowth))),
    growthWorst: rounded(Math.max(...measurements.map(({ growth }) => growth))),
    rewritingMBps: rounded(rewritingMBps),
    trivialUnits: await measureTrivialUnits(),
    nativeCompiler: compiler,
    wasmOverNative: overNative.length === 0 ? null : rounded(geomean(overNative)),
    programs: measurements.map((program) => ({
      name: program.name,
      character: program.character,
      plainMs: rounded(program.plainMs),
      fast: rounded(program.fastMs / program.plainMs),
      strict: rounded(program.strictMs / program.plainMs),
      growth: rounded(program.growth),
      strictGrowth: rounded(program.strictGrowth),
      nativeMs: native.has(program.name) ? rounded(native.get(program.name)!) : null,
    })),
  };
  console.log(JSON.stringify(line));
}

function measure(): { measurements: Measurement[]; rewritingMBps: number } {
  const rounds = process.argv[2] === '--rounds' ? process.argv.slice(3, 4) : [];
  const child = fileURLToPath(new URL('measure.ts', import.meta.url));
  return JSON.parse(execFileSync(process.execPath, ['--no-liftoff', child, ...rounds], { encoding: 'utf8' }));
}

function geomean(values: readonly number[]): number {
  return Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);
}

function rounded(value: number): number {
  return Math.round(value * 1000) / 1000;
}

await main();
