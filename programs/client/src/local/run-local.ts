import { mergeOutputs } from '@taika/job/merge';
import { splitInput, type UnitRange } from '@taika/job/split';
import { rangeInput, unitInput } from '@taika/job/unit-input';
import { unitLimitsOf } from '@taika/job/unit-limits';
import { openSandbox } from '@taika/runner/open-sandbox';
import type { Sandbox } from '@taika/runner/sandbox';
import { admitProgram } from '@taika/wasm/admit';
import { rewriteProgram } from '@taika/wasm/rewrite';
import type { UnitInput } from '@taika/wasm/unit';
import type { PreparedJob } from '../job/prepared-job.ts';
import { InOrder } from './in-order.ts';
import { UnitFailed } from './unit-failed.ts';

export interface LocalRunOptions {
  /** Units computed at a time. */
  readonly parallel: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: LocalProgress) => void;
}

export interface LocalProgress {
  readonly unitsDone: number;
  readonly unitsTotal: number;
  readonly fuel: bigint;
}

/**
 * Computes a job on this machine, with the same splitter, sandbox, fuel and merger as the grid, and yields the
 * merged result as it grows. Holds a window of units, never the input or the result.
 * Throws `SplitError`, `AdmissionError`, `UnitFailed` or `MergeError`.
 */
export async function* runLocal(
  job: PreparedJob,
  options: LocalRunOptions,
): AsyncGenerator<Uint8Array, LocalProgress> {
  const units = await splitJob(job);
  await using sandbox = await openJobSandbox(job, units.ranges.length, options.parallel);
  const progress = { unitsDone: 0, unitsTotal: units.ranges.length, fuel: 0n };
  options.onProgress?.(progress);
  yield* mergeOutputs(job.spec.merge, computeInOrder(job, units, sandbox, progress, options));
  return progress;
}

interface SplitJob {
  readonly ranges: readonly UnitRange[];
  readonly header: Uint8Array;
}

/** All units before the first is computed, because programs may read how many there are. */
async function splitJob({ spec, input }: PreparedJob): Promise<SplitJob> {
  const found = splitInput(spec.split, input?.open());
  const ranges: UnitRange[] = [];
  for await (const range of found) ranges.push(range);
  const { offset, length } = found.header();
  return { ranges, header: input === undefined ? new Uint8Array(0) : await input.read(offset, length) };
}

async function openJobSandbox(job: PreparedJob, unitCount: number, parallel: number): Promise<Sandbox> {
  const limits = unitLimitsOf(job.spec);
  const { bytes: artefact } = rewriteProgram(admitProgram(await readWhole(job.program)), {
    artefact: job.spec.artefact ?? 'fast',
    memoryPagesMax: limits.memoryPagesMax,
  });
  const files = new Map<string, Uint8Array>();
  for (const [name, source] of job.files) files.set(name, await readWhole(source));
  return openSandbox({
    artefact,
    limits,
    parallel,
    job: {
      programHash: job.program.sha256,
      seed: BigInt(job.spec.seed ?? 0),
      round: 0,
      unitCount,
      args: job.spec.args ?? [],
      env: job.spec.env ?? {},
      files,
    },
  });
}

async function* computeInOrder(
  job: PreparedJob,
  { ranges, header }: SplitJob,
  sandbox: Sandbox,
  progress: { unitsDone: number; readonly unitsTotal: number; fuel: bigint },
  { parallel, signal, onProgress }: LocalRunOptions,
): AsyncGenerator<Uint8Array> {
  const order = new InOrder<Uint8Array>(parallel * unitsAheadPerWorker);
  async function* inputs(): AsyncGenerator<UnitInput> {
    for (const [index, range] of ranges.entries()) {
      await order.turn(index);
      yield { index, input: await readUnit(job, header, range) };
    }
  }
  for await (const { index, outcome } of sandbox.run(inputs(), signal)) {
    signal?.throwIfAborted();
    if (outcome.kind !== 'completed' || outcome.exitCode !== 0) throw new UnitFailed(index, outcome);
    progress.unitsDone += 1;
    progress.fuel += outcome.fuel;
    onProgress?.(progress);
    yield* order.take(index, outcome.output);
  }
  signal?.throwIfAborted();
}

const unitsAheadPerWorker = 1024;

async function readUnit(
  { spec, input }: PreparedJob,
  header: Uint8Array,
  range: UnitRange,
): Promise<Uint8Array> {
  if (spec.split.by === 'range') return rangeInput(spec.split, range);
  if (input === undefined) throw new Error('A job whose split reads an input has one.');
  return unitInput(header, await input.read(range.offset, range.length));
}

async function readWhole(source: {
  read(offset: number, length: number): Promise<Uint8Array>;
  readonly bytes: number;
}): Promise<Uint8Array> {
  return source.read(0, source.bytes);
}
