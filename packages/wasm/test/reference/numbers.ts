import { toF32, toF64 } from './floats.ts';

/** A float cut to a whole number that fits; NaN is 0. */
export function saturate(value: number, bits: number, signed: boolean): bigint {
  if (Number.isNaN(value)) return 0n;
  const min = signed ? -(1n << BigInt(bits - 1)) : 0n;
  const max = (1n << BigInt(signed ? bits - 1 : bits)) - 1n;
  if (!Number.isFinite(value)) return value < 0 ? min : max;
  const whole = BigInt(Math.trunc(value));
  return whole < min ? min : whole > max ? max : whole;
}

export function bits32(bytes: Uint8Array, lane: number): number {
  return new DataView(bytes.buffer, bytes.byteOffset).getInt32(4 * lane, true);
}

export function float32(bytes: Uint8Array, lane: number): number {
  return toF32(bits32(bytes, lane));
}

export function float64(bytes: Uint8Array, lane: number): number {
  return toF64(new DataView(bytes.buffer, bytes.byteOffset).getBigInt64(8 * lane, true));
}
