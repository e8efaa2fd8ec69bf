import type { AssignmentText } from '@taika/protocol/dispatch/cycle';
import type { UnitInput } from '@taika/wasm/unit';
import { DamagedError } from './fetch-bytes.ts';

/** Cuts a run's bytes into its units' inputs, each with the job's header before it. Throws a DamagedError when they do not add up. */
export function cutInput(
  { firstUnit, input }: AssignmentText,
  bytes: Uint8Array,
  header: Uint8Array,
): UnitInput[] {
  const total = input.lengths.reduce((sum, length) => sum + length, 0);
  if (total !== bytes.length)
    throw new DamagedError(`The run has ${bytes.length} bytes instead of ${total}.`);
  let offset = 0;
  return input.lengths.map((length, at) => {
    const own = bytes.subarray(offset, offset + length);
    offset += length;
    return { index: firstUnit + at, input: withHeader(header, own) };
  });
}

function withHeader(header: Uint8Array, own: Uint8Array): Uint8Array {
  if (header.length === 0) return own;
  const both = new Uint8Array(header.length + own.length);
  both.set(header);
  both.set(own, header.length);
  return both;
}
