import type { AssignmentText } from '@taika/protocol/dispatch/cycle';
import type { UnitInput } from '@taika/wasm/unit';
import { DamagedError } from './fetch-bytes.ts';

/** What a job puts before and after each unit's own bytes. */
export interface UnitFrame {
  readonly header: Uint8Array;
  readonly trailer: Uint8Array;
}

/** Bytes of a run's input, those between its units included. */
export function inputBytes({ input }: AssignmentText): number {
  return sum(input.lengths) + sum(gapsOf({ input }));
}

/** Cuts a run's bytes into its units' inputs, each inside the job's frame. Throws a DamagedError when they do not add up. */
export function cutInput(
  { firstUnit, input }: AssignmentText,
  bytes: Uint8Array,
  frame: UnitFrame,
): UnitInput[] {
  const gaps = gapsOf({ input });
  const total = sum(input.lengths) + sum(gaps);
  if (total !== bytes.length)
    throw new DamagedError(`The run has ${bytes.length} bytes instead of ${total}.`);
  let offset = 0;
  return input.lengths.map((length, at) => {
    offset += gaps[at] ?? 0;
    const own = bytes.subarray(offset, offset + length);
    offset += length;
    return { index: firstUnit + at, input: framed(frame, own) };
  });
}

function gapsOf({ input }: Pick<AssignmentText, 'input'>): readonly number[] {
  return input.kind === 'range' ? (input.gaps ?? []) : [];
}

function framed({ header, trailer }: UnitFrame, own: Uint8Array): Uint8Array {
  if (header.length === 0 && trailer.length === 0) return own;
  const whole = new Uint8Array(header.length + own.length + trailer.length);
  whole.set(header);
  whole.set(own, header.length);
  whole.set(trailer, header.length + own.length);
  return whole;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
