/**
 * Programs at random, and the fixtures: the reference counter, V8's baseline and optimising tiers, and Chromium must
 * agree on output, memory and fuel. `SEED=n` replays other modules.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { openBrowser } from '@taika/testing/browser';
import { admitProgram } from '../src/admit.ts';
import { fuelExport } from '../src/reserved.ts';
import { rewriteProgram } from '../src/rewrite.ts';
import { checkSeed, toBase64 } from './differential.ts';
import { type RunResult, runInEngine } from './run-in-engine.ts';

const firstSeed = Number(process.env.SEED ?? 1);
const modules: string[] = [];
const expected: RunResult[] = [];

/** Fixtures of every character that end within about a second without optimisation. */
const fixtures = ['fft', 'hash_table', 'mandelbrot', 'rays', 'simd_mandelbrot', 'text'].map((name) =>
  fileURLToPath(new URL(`../fixtures/${name}.wasm`, import.meta.url)),
);

test(`500 random programs: reference, plain, fast and strict agree (SEED=${firstSeed})`, () => {
  for (let seed = firstSeed; seed < firstSeed + 500; seed++) {
    let checked: ReturnType<typeof checkSeed>;
    try {
      checked = checkSeed(seed);
    } catch (error) {
      throw new Error(`SEED=${seed}`, { cause: error });
    }
    if (checked === undefined) continue;
    modules.push(toBase64(checked.rewritten));
    expected.push(checked.result);
  }
  assert.ok(modules.length > 450);
});

const tiers = [
  ['the baseline tier', ['--liftoff', '--no-wasm-tier-up']],
  ['the optimising tier', ['--no-liftoff']],
] as const;
for (const [tier, flags] of tiers) {
  test(`the same programs give the same bytes and fuel in ${tier}`, () => {
    assert.deepEqual(runTier(flags, modules), expected);
  });
}

test('programs compiled from C give the same bytes and fuel in both tiers and in Chromium', {
  timeout: 120_000,
}, async () => {
  const programs = fixtures.map((path) => {
    const program = admitProgram(readFileSync(path));
    return toBase64(rewriteProgram(program, { artefact: 'strict', memoryPagesMax: 1024 }).bytes);
  });
  const results = runTier(['--no-liftoff'], programs);
  const plain = runTier(
    ['--no-liftoff'],
    fixtures.map((path) => toBase64(readFileSync(path))),
  );
  assert.deepEqual(
    plain,
    results.map((result) => ({ ...result, fuel: '' })),
  );
  assert.deepEqual(runTier(['--liftoff', '--no-wasm-tier-up'], programs), results);
  const everything = [...modules.slice(0, 150), ...programs];
  assert.deepEqual(await runInChromium(everything), [...expected.slice(0, 150), ...results]);
});

function runTier(flags: readonly string[], programs: readonly string[]): RunResult[] {
  const script = fileURLToPath(new URL('./run-tier.ts', import.meta.url));
  const child = spawnSync(process.execPath, [...flags, script], {
    input: JSON.stringify(programs),
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  });
  assert.equal(child.status, 0, child.stderr);
  return JSON.parse(child.stdout) as RunResult[];
}

async function runInChromium(programs: readonly string[]): Promise<RunResult[]> {
  await using browser = await openBrowser();
  const page = await browser.newPage();
  const call = `(${runInEngine})(${JSON.stringify(programs)}, ${JSON.stringify(fuelExport)})`;
  return (await page.evaluate(call)) as RunResult[];
}
