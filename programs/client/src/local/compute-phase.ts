import { generatedInput, isGenerated } from '@taika/job/generated-split';
import { mergeOutputs } from '@taika/job/merge';
import { planSplit, type SplitSource } from '@taika/job/plan-split';
import type { OpenProgram } from '@taika/job/program-runner';
import { readFrame, type UnitFrame } from '@taika/job/split';
import type { UnitRange } from '@taika/job/splitter';
import { unitInput } from '@taika/job/unit-input';
import { UnitPlaces } from '@taika/job/unit-places';
import type { JobSpecText } from '@taika/protocol/dispatch/jobs';
import type { Sandbox } from '@taika/runner/sandbox';
import type { JobEnvironment, UnitInput } from '@taika/wasm/unit';
import type { BlobSource } from '../job/blob-source.ts';
import { InOrder } from './in-order.ts';
import { UnitFailed } from './unit-failed.ts';

/** One split, one program, one merge: a job, or one phase of it. */
export interface LocalPhase {
  readonly spec: JobSpecText;
  readonly round: number;
  readonly input: BlobSource | undefined;
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** Its program's sandbox, made ready for this phase. */
  readonly openSandbox: (job: JobEnvironment) => Promise<Sandbox>;
  /** For a split that runs a program before there are units. */
  readonly openProgram: OpenProgram;
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
 * Splits, computes and merges on this machine, and yields the result as it grows. Holds a window of units, of 128 MiB and
 * an input and output for each worker, never the input or the result. Throws `SplitError`, `UnitFailed` or `MergeError`.
 */
export async function* computePhase(phase: LocalPhase, options: ComputeOptions): AsyncGenerator<Uint8Array> {
  const units = await splitPhase(phase);
  const unitCount = units.places.count;
  options.onSplit(unitCount);
  const sandbox = await phase.openSandbox(environmentOf(phase, unitCount));
  const names = phase.spec.split.by === 'files' ? { names: units.places.names() } : {};
  const outputs = computeInOrder(phase, units, sandbox, options);
  yield* mergeOutputs(phase.spec.merge, outputs, { unitCount, ...names });
}

/** Where a phase's units lie, and what each is framed by. */
export interface SplitPhase {
  readonly places: UnitPlaces;
  readonly frame: UnitFrame;
}

/** All units before the first is computed, because programs may read how many there are. */
export async function splitPhase(phase: LocalPhase): Promise<SplitPhase> {
  const { spec, input } = phase;
  const source: SplitSource | undefined = input && {
    bytes: input.bytes,
    open: async () => input.open(),
    read: ({ offset, length }) => input.read(offset, length),
  };
  const found = await planSplit(spec, source, phase.openProgram);
  const places = new UnitPlaces();
  for await (const range of found) places.add(range);
  const frame = await readFrame(spec.split, found, ({ offset, length }) => readInput(input, offset, length));
  return { places, frame };
}

/** What the units of a phase see of it. */
export function environmentOf({ spec, round, files }: LocalPhase, unitCount: number): JobEnvironment {
  return {
    programHash: spec.program,
    seed: BigInt(spec.seed ?? 0),
    round,
    unitCount,
    args: spec.args ?? [],
    env: spec.env ?? {},
    files,
  };
}

async function* computeInOrder(
  phase: LocalPhase,
  { places, frame }: SplitPhase,
  sandbox: Sandbox,
  { parallel, signal, onUnit }: ComputeOptions,
): AsyncGenerator<Uint8Array> {
  const order = new InOrder({ window: parallel * unitsAheadPerWorker, bytesMax: bytesAheadMax, parallel });
  async function* inputs(): AsyncGenerator<UnitInput> {
    for (let index = 0; index < places.count; index++) {
      const place = places.at(index);
      await order.turn(index, place.length + frame.header.length + frame.trailer.length);
      yield { index, input: unitInput(frame, await readUnit(phase, place)) };
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
/** Of inputs and outputs, whatever the number of workers: memory of the machine does not grow with its cores' work. */
const bytesAheadMax = 128 * 1024 ** 2;

/** One unit's own bytes, without its frame. */
export async function readUnit({ spec, input }: LocalPhase, range: UnitRange): Promise<Uint8Array> {
  if (isGenerated(spec.split)) return generatedInput(spec.split, range);
  return readInput(input, range.offset, range.length);
}

async function readInput(input: LocalPhase['input'], offset: number, length: number): Promise<Uint8Array> {
  if (input === undefined) throw new Error('A job whose split reads an input has one.');
  return input.read(offset, length);
}
