/** Floats as their bits, so that no payload is lost in a JavaScript number. A f32 is an i32, a f64 an i64. */
const view = new DataView(new ArrayBuffer(8));

export function toF32(bits: number): number {
  view.setInt32(0, bits);
  return view.getFloat32(0);
}

export function toF64(bits: bigint): number {
  view.setBigInt64(0, bits);
  return view.getFloat64(0);
}

/** How the bits of a NaN that arithmetic has made are chosen: WebAssembly leaves them open, within limits. */
export interface NanChoice {
  f32(): number;
  f64(): bigint;
}

/** Always the same bits. */
export const canonicalNan: NanChoice = { f32: () => -1, f64: () => -1n };

/** What machines make of 0/0: x86 the negative one, ARM and RISC-V the positive one. */
export const hardwareNans = {
  positive: { f32: () => 0x7fc00000, f64: () => 0x7ff8000000000000n },
  negative: { f32: () => 0xffc00000 | 0, f64: () => BigInt.asIntN(64, 0xfff8000000000000n) },
} as const satisfies Readonly<Record<string, NanChoice>>;

/** Any bits that are a quiet NaN: a machine that is as unlike others as it may be. */
export function randomNan(random: () => number): NanChoice {
  return {
    f32: () => 0x7fc00000 | (random() & 0x803fffff) | 0,
    f64: () =>
      BigInt.asIntN(
        64,
        0x7ff8000000000000n |
          ((BigInt(random() >>> 0) << 32n) & 0x8007ffff00000000n) |
          BigInt(random() >>> 0),
      ),
  };
}

export function fromF32(value: number, nan: NanChoice): number {
  if (Number.isNaN(value)) return nan.f32();
  view.setFloat32(0, value);
  return view.getInt32(0);
}

export function fromF64(value: number, nan: NanChoice): bigint {
  if (Number.isNaN(value)) return nan.f64();
  view.setFloat64(0, value);
  return view.getBigInt64(0);
}

/** Unary and binary float operators, in the order of the opcodes from f32.ceil and f32.add. */
export const unary = [Math.ceil, Math.floor, Math.trunc, nearest, Math.sqrt];
export const binary = [
  (a: number, b: number) => a + b,
  (a: number, b: number) => a - b,
  (a: number, b: number) => a * b,
  (a: number, b: number) => a / b,
  Math.min,
  Math.max,
];
export const compare = [
  (a: number, b: number) => a === b,
  (a: number, b: number) => a !== b,
  (a: number, b: number) => a < b,
  (a: number, b: number) => a > b,
  (a: number, b: number) => a <= b,
  (a: number, b: number) => a >= b,
];

function nearest(value: number): number {
  if (!Number.isFinite(value) || Math.abs(value) >= 2 ** 52 || value === 0) return value;
  const down = Math.floor(value);
  const rest = value - down;
  const rounded = rest < 0.5 ? down : rest > 0.5 ? down + 1 : down % 2 === 0 ? down : down + 1;
  return rounded === 0 && value < 0 ? -0 : rounded;
}

/** The f32 nearest to an integer. By way of an f64 it would be rounded twice: what is cut off stays as a last bit. */
export function nearestF32(value: bigint): number {
  const size = value < 0n ? -value : value;
  const cut = BigInt(Math.max(0, size.toString(2).length - 40));
  const kept = size >> cut;
  const sticky = kept << cut === size ? kept : kept | 1n;
  return (value < 0n ? -1 : 1) * Math.fround(Number(sticky)) * 2 ** Number(cut);
}

/** An entry that exists. */
export function at<T>(items: ArrayLike<T>, index: number): T {
  return items[index] as T;
}
