import { writeFile } from 'node:fs/promises';
import { basename, extname } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { visibleText } from '@taika/cli/visible-text';
import type { UnitOutcome } from '@taika/wasm/outcome';
import type { Artefact } from '@taika/wasm/rewrite';
import { buildProgram } from './build-program.ts';
import {
  measureUnit,
  prepareProgram,
  readJobFiles,
  sha256,
  type UnitMeasurement,
} from './measure-program.ts';
import { refuseOverwrite } from './refuse-overwrite.ts';

/** `taika program check FILE`: would the grid take it? Throws `AdmissionError` with place, reason and remedy. */
export async function checkProgram(file: string, options: { readonly json: boolean }): Promise<void> {
  const program = await buildProgram(file);
  const strict = prepareProgram(program, 'strict');
  const report = {
    file,
    sha256: sha256(program),
    bytes: program.length,
    rewrittenBytes: prepareProgram(program, 'fast').bytes.length,
    nanSinks: strict.nanSinks,
    costTableVersion: strict.costTableVersion,
  };
  if (options.json) console.log(JSON.stringify(report));
  else {
    console.log(`${file} is admitted: ${report.bytes} bytes, ${report.rewrittenBytes} as terminals run it.`);
    console.log(
      report.nanSinks === 0
        ? 'The bits of a NaN are never seen, so fast and strict are one program.'
        : `The bits of a NaN could be seen in ${report.nanSinks} places; strict makes them equal everywhere.`,
    );
  }
}

/** `taika program meter IN OUT`: the program as terminals run it. */
export async function meterProgram(
  file: string,
  output: string,
  options: { readonly strict: boolean; readonly json: boolean },
): Promise<void> {
  await refuseOverwrite([file], output);
  const artefact = artefactOf(options);
  const rewritten = prepareProgram(await buildProgram(file), artefact);
  await writeFile(output, rewritten.bytes);
  const { costTableVersion, fuelExport, nanSinks } = rewritten;
  const report = { output, artefact, bytes: rewritten.bytes.length, costTableVersion, fuelExport, nanSinks };
  console.log(
    options.json ? JSON.stringify(report) : `${output}: ${report.bytes} bytes; fuel in ${fuelExport}.`,
  );
}

/** `taika program build FILE`: AssemblyScript to a WASI command. */
export async function writeBuiltProgram(
  file: string,
  options: { readonly output?: string; readonly json: boolean },
): Promise<void> {
  const output = options.output ?? `${basename(file, extname(file))}.wasm`;
  await refuseOverwrite([file], output);
  const program = await buildProgram(file);
  prepareProgram(program, 'fast');
  await writeFile(output, program);
  const report = { output, bytes: program.length, sha256: sha256(program) };
  console.log(options.json ? JSON.stringify(report) : `${output}: ${report.bytes} bytes.`);
}

export interface RunProgramOptions {
  readonly file: ReadonlyMap<string, string>;
  readonly env: ReadonlyMap<string, string>;
  readonly arg: readonly string[];
  readonly seed: bigint;
  readonly strict: boolean;
  readonly timeout: number;
  readonly json: boolean;
}

/**
 * `taika program run FILE < in > out`: one unit in the terminals' sandbox. Output goes to standard output and
 * nothing else does; what it cost goes to standard error. Exit code 1 where the unit failed.
 */
export async function runProgram(file: string, options: RunProgramOptions): Promise<void> {
  const measured = await measureUnit(await buildProgram(file), {
    input: process.stdin.isTTY ? new Uint8Array(0) : new Uint8Array(await buffer(process.stdin)),
    files: await readJobFiles(options.file),
    args: options.arg,
    env: Object.fromEntries(options.env),
    seed: options.seed,
    artefact: artefactOf(options),
    durationMsMax: options.timeout * 1000,
  });
  const { outcome } = measured;
  if (outcome.kind === 'completed') process.stdout.write(outcome.output);
  if (outcome.kind !== 'returned' && !options.json)
    process.stderr.write(visibleText(new TextDecoder().decode(outcome.stderr)));
  console.error(options.json ? JSON.stringify(reportOf(measured)) : sentenceOf(measured));
  if (outcome.kind !== 'completed' || outcome.exitCode !== 0) process.exitCode = 1;
}

function reportOf({ outcome, durationMs, level }: UnitMeasurement): object {
  const common = { kind: outcome.kind, durationMs: Math.round(durationMs), level };
  switch (outcome.kind) {
    case 'completed':
      return {
        ...common,
        exitCode: outcome.exitCode,
        fuel: String(outcome.fuel),
        memoryBytes: outcome.memoryPages * 65_536,
        outputBytes: outcome.output.length,
        log: new TextDecoder().decode(outcome.stderr),
      };
    case 'trapped':
      return { ...common, trap: outcome.trap, log: new TextDecoder().decode(outcome.stderr) };
    case 'returned':
      return { ...common, cause: outcome.cause };
  }
}

function sentenceOf({ outcome, durationMs }: UnitMeasurement): string {
  const time = `${(durationMs / 1000).toFixed(3)} s here`;
  switch (outcome.kind) {
    case 'completed':
      return `exit code ${outcome.exitCode}, ${outcome.fuel} fuel, ${outcome.memoryPages / 16} MiB, ${time}`;
    case 'trapped':
      return `The program trapped (${outcome.trap}) after ${time}: the unit fails on every machine.`;
    case 'returned':
      return `This machine could not finish the unit (${outcome.cause}) after ${time}. ${adviceOf(outcome)}`;
  }
}

function adviceOf({ cause }: Extract<UnitOutcome, { kind: 'returned' }>): string {
  if (cause === 'time-limit') return 'Give it more with --timeout, or make the unit smaller.';
  if (cause === 'stack-exhausted') return 'Recurse less deeply: the stack of terminals differs.';
  if (cause === 'host-memory') return 'Use less memory, or free some here.';
  return 'Try again.';
}

function artefactOf({ strict }: { readonly strict: boolean }): Artefact {
  return strict ? 'strict' : 'fast';
}
