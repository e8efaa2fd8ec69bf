/**
 * The whole host in Chromium: the same units give the same outcomes there as here, byte for byte and fuel for fuel.
 * `SEED=n` replays other programs.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { openBrowser } from '@taika/testing/browser';
import { build } from 'esbuild';
import { admitProgram } from '../src/admit.ts';
import type { UnitOutcome } from '../src/outcome.ts';
import { rewriteProgram } from '../src/rewrite.ts';
import { runUnits } from './run-units.ts';
import { randomWasiProgram, writtenPrograms } from './wasi-programs.ts';

const firstSeed = Number(process.env.SEED ?? 1);
const seeds = Array.from({ length: 100 }, (_, k) => firstSeed + k);

/** A program of AssemblyScript and one of C. */
const compiled = ['text', 'rays'].map((name) => {
  const path = fileURLToPath(new URL(`../fixtures/${name}.wasm`, import.meta.url));
  return rewriteProgram(admitProgram(readFileSync(path)), { artefact: 'strict', memoryPagesMax: 1024 }).bytes;
});

test(`units end in Chromium as they do here, whatever they call (SEED=${firstSeed})`, {
  timeout: 120_000,
}, async () => {
  const written = writtenPrograms();
  const programs = [...written, ...compiled, ...seeds.map(randomWasiProgram)].map((bytes) =>
    bytes.toBase64(),
  );
  const here = runUnits(programs);
  const ends = here.slice(0, written.length).map((text) => endOf(JSON.parse(text)));
  assert.deepEqual(ends, [
    ...['exit 0', 'exit 0', 'exit 0'],
    ...['unreachable', 'memory-out-of-bounds', 'table-out-of-bounds', 'indirect-call', 'indirect-call'],
    ...['division-by-zero', 'division-by-zero', 'integer-overflow', 'invalid-conversion'],
    ...['memory-out-of-bounds', 'memory-out-of-bounds', 'output-limit', 'stack-exhausted', 'exit -1'],
  ]);
  assert.ok(new Set(here).size > seeds.length, 'The programs hardly differ.');
  const there = await runInChromium(programs);
  for (const [index, outcome] of here.entries()) {
    assert.equal(there[index], outcome, `program ${index}, of seed ${seeds[index - written.length - 2]}`);
  }
});

function endOf(outcome: UnitOutcome): string {
  if (outcome.kind === 'completed') return `exit ${outcome.exitCode}`;
  return outcome.kind === 'trapped' ? outcome.trap : outcome.cause;
}

async function runInChromium(programs: readonly string[]): Promise<string[]> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('run-units.ts', import.meta.url))],
    bundle: true,
    write: false,
    format: 'iife',
    globalName: 'host',
    target: 'chrome140',
  });
  await using browser = await openBrowser();
  const page = await browser.newPage();
  await page.evaluate(`${outputFiles[0]?.text}; globalThis.host = host;`);
  return (await page.evaluate(`host.runUnits(${JSON.stringify(programs)})`)) as string[];
}
