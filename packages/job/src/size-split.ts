import { referenceFuelPerSecond } from '@taika/protocol/reference-machine';
import { generatedHeader, generatedInput, isGenerated, recordsMax } from './generated-split.ts';
import type { SplitSource } from './plan-split.ts';
import { describeEnd, type ProgramRunner } from './program-runner.ts';
import { type SplitByRecords, splitInput } from './split.ts';
import { SplitError } from './split-error.ts';
import type { UnitRange } from './splitter.ts';
import { unitInput } from './unit-input.ts';

/** What was measured: the first `records` records as one unit. */
export interface Measurement {
  readonly records: number;
  readonly bytes: number;
  readonly fuel: bigint;
}

/** Records looked at for a sample, and their bytes. */
const sampleRecordsMax = 4_096;
const sampleBytesMax = 1024 * 1024;
/** Fuel spent on samples: at most about four seconds of one core, whoever splits. A single record may take more. */
const sampleFuelMax = 4n * referenceFuelPerSecond;
/** Each sample is so many times as long as the one before it. */
const growth = 4;
/** A program that needs hardly any time for a byte gets units of this size, not larger: they travel. */
const unitBytesMax = 16 * 1024 * 1024;
const unitRecordsMax = 100_000_000;

/**
 * Turns `targetSeconds` into a number of records (or bytes) a unit, by the fuel that the job's program takes for the first
 * 1, 4, 16, … records. Fuel is exact and the reference machine's is fixed, so the answer depends on job and input only.
 * Throws `SplitError`, also when the program fails on the sample.
 */
export async function sizeSplit(
  split: SplitByRecords,
  source: SplitSource | undefined,
  openProgram: () => Promise<ProgramRunner>,
): Promise<SplitByRecords> {
  if (
    split.by === 'files' ||
    split.by === 'whole' ||
    split.by === 'parts' ||
    split.targetSeconds === undefined
  ) {
    return split;
  }
  const target = (BigInt(Math.round(split.targetSeconds * 1_000)) * referenceFuelPerSecond) / 1_000n;
  const sample = await takeSample(split, source);
  await using program = await openProgram();
  const measured = await measure(sample, program, target);
  const records = recordsFor(measured, target);
  const { targetSeconds: _, ...rest } = split;
  return rest.by === 'bytes'
    ? { ...rest, bytes: records }
    : { ...rest, records: isGenerated(split) ? Math.min(records, recordsMax) : records };
}

/** Records whose fuel comes nearest to the target without passing it, by the last two measurements; at least one. */
export function recordsFor(measured: readonly Measurement[], target: bigint): number {
  const last = measured.at(-1);
  if (last === undefined) {
    throw new Error('Nothing was measured.');
  }
  const before = measured.at(-2) ?? { records: 0, bytes: 0, fuel: 0n };
  const span = BigInt(last.records - before.records);
  // What a unit takes whatever is in it shows only by comparison; noise may make it negative or larger than all.
  const slope = last.fuel - before.fuel;
  const isPlain = measured.length < 2 || slope <= 0n;
  const [each, per] = isPlain ? [last.fuel, BigInt(last.records)] : [slope, span];
  const fixed = isPlain ? 0n : last.fuel - (slope * BigInt(last.records)) / span;
  const left = target - (fixed > 0n ? fixed : 0n);
  const byFuel = each <= 0n ? BigInt(unitRecordsMax) : (left * per) / each;
  const byBytes =
    last.bytes === 0
      ? BigInt(unitRecordsMax)
      : (BigInt(unitBytesMax) * BigInt(last.records)) / BigInt(last.bytes);
  const records = [byFuel, byBytes, BigInt(unitRecordsMax)].reduce((least, each) =>
    each < least ? each : least,
  );
  return records < 1n ? 1 : Number(records);
}

/** The input's beginning. */
interface Sample {
  readonly records: number;
  /** The first sample's size. */
  readonly first: number;
  /** Bytes of the first `records` records, and what the program reads for them as one unit. */
  unit(records: number): { readonly bytes: number; readonly input: Uint8Array };
}

async function measure(sample: Sample, program: ProgramRunner, target: bigint): Promise<Measurement[]> {
  const measured: Measurement[] = [];
  let spent = 0n;
  for (let records = Math.min(sample.first, sample.records); ; ) {
    const { bytes, input } = sample.unit(records);
    const outcome = await program.run(input);
    if (outcome.kind !== 'completed' || outcome.exitCode !== 0) {
      throw new SplitError(
        'sample-failed',
        `The program was run on the first ${records} records to size the units: ${describeEnd(outcome)}.`,
        'Mend the program, or say split.records instead of split.targetSeconds.',
      );
    }
    const { fuel } = outcome;
    measured.push({ records, bytes, fuel });
    spent += fuel;
    if (records === sample.records || fuel >= target || spent + BigInt(growth) * fuel > sampleFuelMax) {
      return measured;
    }
    records = Math.min(records * growth, sample.records);
  }
}

async function takeSample(split: SampledSplit, source: SplitSource | undefined): Promise<Sample> {
  if (isGenerated(split)) {
    return sampleOfGenerated(split);
  }
  if (source === undefined) {
    throw new Error(`A split by ${split.by} reads an input.`);
  }
  return split.by === 'bytes' ? sampleOfBytes(source) : sampleOfRecords(split, source);
}

type SampledSplit = Exclude<SplitByRecords, { by: 'files' | 'whole' | 'parts' }>;

async function sampleOfGenerated(split: Extract<SampledSplit, { by: 'range' | 'grid' }>): Promise<Sample> {
  const frame = { header: generatedHeader(split), trailer: new Uint8Array(0) };
  let records = 0;
  for await (const unit of splitInput({ ...split, records: sampleRecordsMax }, undefined)) {
    records = unit.length;
    break;
  }
  return {
    records,
    first: 1,
    // Such records are not read from an input, so their bytes bound nothing.
    unit: (length) => ({ bytes: 0, input: unitInput(frame, generatedInput(split, { offset: 0, length })) }),
  };
}

/** Bytes are few for the first sample, or there would be many samples of next to nothing. */
const firstBytes = 1_024;

async function sampleOfBytes(source: SplitSource): Promise<Sample> {
  const bytes = await source.read({ offset: 0, length: Math.min(source.bytes, sampleBytesMax) });
  if (bytes.length === 0) {
    for await (const _ of splitInput({ by: 'bytes', bytes: 1 }, undefined));
  }
  return {
    records: bytes.length,
    first: firstBytes,
    unit: (length) => ({ bytes: length, input: bytes.subarray(0, length) }),
  };
}

async function sampleOfRecords(
  split: Exclude<SampledSplit, { by: 'bytes' | 'range' | 'grid' }>,
  source: SplitSource,
): Promise<Sample> {
  const found = splitInput({ ...split, records: 1 }, await source.open());
  const ends: number[] = [];
  let start: UnitRange | undefined;
  for await (const unit of found) {
    start ??= unit;
    ends.push(unit.offset + unit.length);
    if (ends.length === sampleRecordsMax || unit.offset + unit.length - start.offset > sampleBytesMax) {
      break;
    }
  }
  const offset = start?.offset ?? 0;
  const bytes = await source.read({ offset, length: (ends.at(-1) ?? offset) - offset });
  const frame = {
    header: await source.read(found.header()),
    // The real one is known at the input's end only.
    trailer: new TextEncoder().encode(split.by === 'json' ? ']' : ''),
  };
  return {
    records: ends.length,
    first: 1,
    unit(records) {
      const length = (ends[records - 1] ?? offset) - offset;
      return { bytes: length, input: unitInput(frame, bytes.subarray(0, length)) };
    },
  };
}
