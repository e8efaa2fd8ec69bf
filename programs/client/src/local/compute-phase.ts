import { mergeOutputs } from '@taika/job/merge';
import { splitInput, type UnitRange } from '@taika/job/split';
import { rangeInput, unitInput } from '@taika/job/unit-input';
import { unitLimitsOf } from '@taika/job/unit-limits';
import type { JobSpecText } from '@taika/protocol/dispatch/jobs';
import { openSandbox } from '@taika/runner/open-sandbox';
import type { Sandbox } from '@taika/runner/sandbox';
import type { UnitInput } from '@taika/wasm/unit';
import type { BlobSource } from '../job/blob-source.ts';
import { InOrder } from './in-order.ts';
import { UnitFailed } from './unit-failed.ts';

/** One split, one program, one merge: a job, or one phase of it. */
export interface LocalPhase {
  readonly spec: JobSpecText;
  readonly round: number;
  /** What terminals would run: already metered and signed off. */
  readonly artefact: Uint8Array;
  readonly input: BlobSource | undefined;
  readonly files: ReadonlyMap<string, Uint8Array>;
}

export interface ComputeOptions {
  /** Units computed at a time. */
  readonly parallel: number;
  readonly signal?: AbortSignal | undefined;
  /** Told once when the units are known. */
  readonly onSplit: (units: number) => void;
  /** Told of each unit's fuel as it ends. */
  readonly onUnit: (fuel: bigint) => void;
}

/**
 * Splits, computes and merges on this machine, and yields the result as it grows. Holds a window of units, never the input
 * or the result. Throws `SplitError`, `UnitFailed` or `MergeError`.
 */
export async function* computePhase(phase: LocalPhase, options: ComputeOptions): AsyncGenerator<Uint8Array> {
  const units = await splitPhase(phase);
  options.onSplit(units.ranges.length);
  await using sandbox = await openPhaseSandbox(phase, units.ranges.length, options.parallel);
  yield* mergeOutputs(phase.spec.merge, computeInOrder(phase, units, sandbox, options));
}

interface SplitPhase {
  readonly ranges: readonly UnitRange[];
  readonly header: Uint8Array;
}

/** All units before the first is computed, because programs may read how many there are. */
async function splitPhase({ spec, input }: LocalPhase): Promise<SplitPhase> {
  const found = splitInput(spec.split, input?.open());
  const ranges: UnitRange[] = [];
  for await (const range of found) ranges.push(range);
  const { offset, length } = found.header();
  return { ranges, header: input === undefined ? new Uint8Array(0) : await input.read(offset, length) };
}

function openPhaseSandbox(
  { spec, round, artefact, files }: LocalPhase,
  unitCount: number,
  parallel: number,
): Promise<Sandbox> {
  return openSandbox({
    artefact,
    limits: unitLimitsOf(spec),
    parallel: Math.min(parallel, unitCount),
    job: {
      programHash: spec.program,
      seed: BigInt(spec.seed ?? 0),
      round,
      unitCount,
      args: spec.args ?? [],
      env: spec.env ?? {},
      files,
    },
  });
}

async function* computeInOrder(
  phase: LocalPhase,
  { ranges, header }: SplitPhase,
  sandbox: Sandbox,
  { parallel, signal, onUnit }: ComputeOptions,
): AsyncGenerator<Uint8Array> {
  const order = new InOrder<Uint8Array>(parallel * unitsAheadPerWorker);
  async function* inputs(): AsyncGenerator<UnitInput> {
    for (const [index, range] of ranges.entries()) {
      await order.turn(index);
      yield { index, input: await readUnit(phase, header, range) };
    }
  }
  for await (const { index, outcome } of sandbox.run(inputs(), signal)) {
    signal?.throwIfAborted();
    if (outcome.kind !== 'completed' || outcome.exitCode !== 0) throw new UnitFailed(index, outcome);
    onUnit(outcome.fuel);
    yield* order.take(index, outcome.output);
  }
  signal?.throwIfAborted();
}

const unitsAheadPerWorker = 1024;

async function readUnit(
  { spec, input }: LocalPhase,
  header: Uint8Array,
  range: UnitRange,
): Promise<Uint8Array> {
  if (spec.split.by === 'range') return rangeInput(spec.split, range);
  if (input === undefined) throw new Error('A job whose split reads an input has one.');
  return unitInput(header, await input.read(range.offset, range.length));
}
