import type { UnitFrame } from './split.ts';

/** What the program reads for a unit: the job's header, where it has one, the unit's own bytes, and the job's trailer. */
export function unitInput({ header, trailer }: UnitFrame, bytes: Uint8Array): Uint8Array {
  if (header.length === 0 && trailer.length === 0) {
    return bytes;
  }
  const joined = new Uint8Array(header.length + bytes.length + trailer.length);
  joined.set(header);
  joined.set(bytes, header.length);
  joined.set(trailer, header.length + bytes.length);
  return joined;
}
