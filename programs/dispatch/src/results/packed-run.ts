/** One computed unit of a run. */
export interface PackedUnit {
  readonly fuel: number;
  /** Empty for a failed unit, and for one whose output is a blob. */
  readonly output: Uint8Array;
}

/**
 * A run's units in one value: for each unit its fuel and its output's length as LEB128 numbers, then all outputs.
 * About four bytes a unit beside the output itself.
 */
export function packRun(units: readonly PackedUnit[]): Buffer {
  let bytes = 0;
  for (const { fuel, output } of units) {
    bytes += numberBytes(fuel) + numberBytes(output.length) + output.length;
  }
  const packed = Buffer.allocUnsafe(bytes);
  let at = 0;
  for (const { fuel, output } of units) {
    at = writeNumber(packed, writeNumber(packed, at, fuel), output.length);
  }
  for (const { output } of units) {
    packed.set(output, at);
    at += output.length;
  }
  return packed;
}

/** What `packRun` packed. The outputs point into `packed`. Throws a RangeError when it does not hold `count` units. */
export function unpackRun(packed: Uint8Array, count: number): PackedUnit[] {
  const numbers: number[] = [];
  let at = 0;
  while (numbers.length < count * 2) {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = packed[at++];
      if (byte === undefined) {
        throw new RangeError(`A packed run of ${count} units ends within its numbers.`);
      }
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) {
        break;
      }
    }
    numbers.push(value);
  }
  const units: PackedUnit[] = [];
  for (let index = 0; index < count; index++) {
    const length = numbers[index * 2 + 1] ?? 0;
    units.push({ fuel: numbers[index * 2] ?? 0, output: packed.subarray(at, at + length) });
    at += length;
  }
  if (at !== packed.length) {
    throw new RangeError(`A packed run of ${count} units should have ${at} bytes and has ${packed.length}.`);
  }
  return units;
}

/** Numbers reach 2^53, so no shifts. */
function numberBytes(value: number): number {
  let bytes = 1;
  for (let rest = value; rest >= 128; rest = Math.floor(rest / 128)) {
    bytes += 1;
  }
  return bytes;
}

function writeNumber(target: Buffer, start: number, value: number): number {
  let at = start;
  let rest = value;
  while (rest >= 128) {
    target[at++] = (rest % 128) | 0x80;
    rest = Math.floor(rest / 128);
  }
  target[at++] = rest;
  return at;
}
