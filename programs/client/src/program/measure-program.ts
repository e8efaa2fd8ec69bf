import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { openSandbox } from '@taika/runner/open-sandbox';
import { admitProgram } from '@taika/wasm/admit';
import type { UnitOutcome } from '@taika/wasm/outcome';
import { type Artefact, type RewrittenProgram, rewriteProgram } from '@taika/wasm/rewrite';
import { defaultUnitLimits } from '@taika/wasm/unit';

/** How one unit is run by hand. */
export interface UnitRunOptions {
  readonly input: Uint8Array;
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly seed: bigint;
  readonly artefact: Artefact;
  readonly durationMsMax: number;
}

export interface UnitMeasurement {
  readonly outcome: UnitOutcome;
  readonly durationMs: number;
  /** How strongly the runner was held, 0 to 3. */
  readonly level: number;
}

/** Admits and rewrites a program as the contractor's server does. Throws `AdmissionError` where it refuses. */
export function prepareProgram(bytes: Uint8Array, artefact: Artefact): RewrittenProgram {
  return rewriteProgram(admitProgram(bytes), {
    artefact,
    memoryPagesMax: defaultUnitLimits.memoryPagesMax,
  });
}

/** Runs one unit in the sandbox that terminals use: the same bytes, fuel and exit code as on the grid. */
export async function measureUnit(program: Uint8Array, options: UnitRunOptions): Promise<UnitMeasurement> {
  const { files, args, env, seed, input, artefact, durationMsMax } = options;
  await using sandbox = await openSandbox({
    artefact: prepareProgram(program, artefact).bytes,
    job: { programHash: sha256(program), seed, round: 0, unitCount: 1, args, env, files },
    limits: { ...defaultUnitLimits, durationMsMax },
    parallel: 1,
    priority: 'ordinary',
  });
  for await (const { outcome, durationMs } of sandbox.run([{ index: 0, input }])) {
    return { outcome, durationMs, level: sandbox.level };
  }
  throw new Error('The sandbox ended a run without its outcome.');
}

/** `NAME=PATH` arguments as the job's files. */
export async function readJobFiles(named: ReadonlyMap<string, string>): Promise<Map<string, Uint8Array>> {
  const files = new Map<string, Uint8Array>();
  for (const [name, path] of named) files.set(name, new Uint8Array(await readJobFile(path)));
  return files;
}

async function readJobFile(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    // Of a folder, the system's own error does not say which.
    if ((error as NodeJS.ErrnoException).code === 'EISDIR') Object.assign(error as Error, { path });
    throw error;
  }
}

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
