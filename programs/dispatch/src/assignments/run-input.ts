import { rangeInput } from '@taika/job/unit-input';
import type { AssignmentText } from '@taika/protocol/dispatch/cycle';
import { limits } from '@taika/protocol/limits';
import type { JobDetails } from '../jobs/job-catalogue.ts';
import { readPlaces } from '../units/queries.ts';
import type { WorkContext } from '../work-context.ts';
import type { AllottedRun } from './allot.ts';

type RunInput = AssignmentText['input'];

/** The bytes that a run's units read: inline where they are few, else a range of the job's input by a signed URL. */
export async function runInput(work: WorkContext, job: JobDetails, allotted: AllottedRun): Promise<RunInput> {
  const { offset, lengths } = allotted.run ?? (await readPlacesOf(work, allotted));
  const { split, input } = job.spec;
  if (split.by === 'range') {
    return inlineRange(split, offset, lengths);
  }
  if (input === undefined) {
    throw new Error(`Job ${job.id} has units and no input.`);
  }
  const length = lengths.reduce((sum, bytes) => sum + bytes, 0);
  if (length > limits.inlineInputBytesMax) {
    const until = new Date(work.context.clock.now().getTime() + allotted.deadlineMs + urlGraceMs);
    const url = await work.blobs.urlOf(input.sha256, until);
    return { kind: 'range', url, offset, lengths: [...lengths] };
  }
  const cached = cachedBytes(allotted, offset, length);
  const bytes = cached ?? (await work.blobs.read(input.sha256, { offset, length }));
  return { kind: 'inline', bytes: toBase64(bytes), lengths: [...lengths] };
}

/** A fetch that began before the deadline may end after it. */
const urlGraceMs = 10 * 60_000;

function cachedBytes({ run }: AllottedRun, offset: number, length: number): Uint8Array | undefined {
  const start = offset - (run?.window.offsets[0] ?? 0);
  return run?.window.bytes?.subarray(start, start + length);
}

function inlineRange(
  split: Parameters<typeof rangeInput>[0],
  offset: number,
  counts: readonly number[],
): RunInput {
  const parts: Uint8Array[] = [];
  let at = offset;
  for (const length of counts) {
    parts.push(rangeInput(split, { offset: at, length }));
    at += length;
  }
  return {
    kind: 'inline',
    bytes: toBase64(Buffer.concat(parts)),
    lengths: parts.map(({ length }) => length),
  };
}

async function readPlacesOf({ context }: WorkContext, { jobNumber, firstUnit, units }: AllottedRun) {
  const places = await readPlaces(context.sql, { jobNumber, firstUnit, units });
  return { offset: places[0]?.offset ?? 0, lengths: places.map(({ length }) => length) };
}

function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}
