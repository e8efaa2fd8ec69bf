import { type GeneratedSplit, generatedInput, isGenerated } from '@taika/job/generated-split';
import type { AssignmentText } from '@taika/protocol/dispatch/cycle';
import { limits } from '@taika/protocol/limits';
import type { JobDetails } from '../jobs/job-catalogue.ts';
import { readPlaces } from '../units/queries.ts';
import type { WorkContext } from '../work-context.ts';
import type { AllottedRun } from './allot.ts';

type RunInput = AssignmentText['input'];

/** The bytes that a run's units read: inline where they are few, else a range of the job's input by a signed URL. */
export async function runInput(work: WorkContext, job: JobDetails, allotted: AllottedRun): Promise<RunInput> {
  const places = allotted.run ?? (await readPlacesOf(work, allotted));
  const { offset, lengths, gaps } = places;
  const { split, input } = job.spec;
  if (isGenerated(split)) {
    return inlineGenerated(split, offset, lengths);
  }
  if (input === undefined) {
    throw new Error(`Job ${job.id} has units and no input.`);
  }
  const length = sum(lengths) + sum(gaps);
  if (length > limits.inlineInputBytesMax) {
    const until = new Date(work.context.clock.now().getTime() + allotted.deadlineMs + urlGraceMs);
    const url = await work.blobs.urlOf(input.sha256, until);
    const skipped = gaps.some((gap) => gap > 0) ? { gaps: [...gaps] } : {};
    return { kind: 'range', url, offset, lengths: [...lengths], ...skipped };
  }
  const cached = cachedBytes(allotted, offset, length);
  const bytes = cached ?? (await work.blobs.read(input.sha256, { offset, length }));
  return { kind: 'inline', bytes: toBase64(withoutGaps(bytes, places)), lengths: [...lengths] };
}

/** Where a run's units lie in the input: one after the other, with `gaps` bytes before each that belong to none. */
interface Places {
  readonly offset: number;
  readonly lengths: readonly number[];
  readonly gaps: readonly number[];
}

function withoutGaps(bytes: Uint8Array, { lengths, gaps }: Places): Uint8Array {
  if (sum(gaps) === 0) {
    return bytes;
  }
  let at = 0;
  const parts = lengths.map((length, index) => {
    const start = at + (gaps[index] ?? 0);
    at = start + length;
    return bytes.subarray(start, at);
  });
  return Buffer.concat(parts);
}

/** A fetch that began before the deadline may end after it. */
const urlGraceMs = 10 * 60_000;

function cachedBytes({ run }: AllottedRun, offset: number, length: number): Uint8Array | undefined {
  const start = offset - (run?.window.offsets[0] ?? 0);
  return run?.window.bytes?.subarray(start, start + length);
}

function inlineGenerated(split: GeneratedSplit, offset: number, counts: readonly number[]): RunInput {
  const parts: Uint8Array[] = [];
  let at = offset;
  for (const length of counts) {
    parts.push(generatedInput(split, { offset: at, length }));
    at += length;
  }
  return {
    kind: 'inline',
    bytes: toBase64(Buffer.concat(parts)),
    lengths: parts.map(({ length }) => length),
  };
}

/** A copy covers a run that was cut before, so its units lie as near to one another as they did then. */
async function readPlacesOf(
  { context }: WorkContext,
  { jobNumber, firstUnit, units }: AllottedRun,
): Promise<Places> {
  const places = await readPlaces(context.sql, { jobNumber, firstUnit, units });
  let end = places[0]?.offset ?? 0;
  const gaps = places.map(({ offset, length }) => {
    const gap = offset - end;
    end = offset + length;
    return gap;
  });
  return { offset: places[0]?.offset ?? 0, lengths: places.map(({ length }) => length), gaps };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}
