/**
 * Vector instructions on integer lanes, written from the specification's definitions lane by lane, in whole numbers without
 * bounds. For each width the instructions stand in the same order, beginning at 0x60, 0x80, 0xa0 and 0xc0.
 */
import { at, fromF32, fromF64, type NanChoice } from './floats.ts';
import { float32, float64, saturate } from './numbers.ts';

export type VectorResult = Uint8Array | number;
/** Vectors, and the number of a shift. */
export type Operand = Uint8Array | number;

/** How many operands an instruction of this file takes, or 0 when it is not one of them. */
export function integerArity(sub: number): number {
  if (sub === 0x0e || (sub >= 0x23 && sub <= 0x40)) return 2;
  if (sub === 0x53 || sub === 0x5e || sub === 0x5f || sub >= 0xf8) return 1;
  if (sub < 0x60 || sub > 0xdf || notIntegers.has(sub)) return 0;
  const place = sub & 0x1f;
  if (sub >= 0x7c && sub <= 0x7f) return 1;
  if (sub === 0x62) return 1;
  return place === 2 || place === 5 || place === 6 || place >= 0x0b ? 2 : 1;
}

/** Rounding of floats, in the gaps of the order. */
const notIntegers = new Set([0x67, 0x68, 0x69, 0x6a, 0x74, 0x75, 0x7a, 0x94]);

export function integerVector(sub: number, operands: readonly Operand[], nan: NanChoice): VectorResult {
  const [x, y] = operands as [Uint8Array, Uint8Array];
  if (sub === 0x0e) return Uint8Array.from(y, (lane) => (lane < 16 ? at(x, lane) : 0));
  if (sub === 0x53) return Number(x.some((byte) => byte !== 0));
  if (sub === 0x5e || sub === 0x5f || sub >= 0xf8) return convert(sub, x, nan);
  if (sub <= 0x40) {
    const [bits, first] = sub < 0x2d ? [8, 0x23] : sub < 0x37 ? [16, 0x2d] : [32, 0x37];
    return compared(
      bits,
      x,
      y,
      at(['eq', 'ne', 'lt', 'lt', 'gt', 'gt', 'le', 'le', 'ge', 'ge'], sub - first),
      (sub - first) % 2 === 0 || sub - first < 2,
    );
  }
  const bits = at([8, 16, 32, 64], (sub - 0x60) >> 5);
  const place = sub & 0x1f;
  if (bits === 64 && place >= 0x16 && place <= 0x1b)
    return compared(64, x, y, at(['eq', 'ne', 'lt', 'gt', 'le', 'ge'], place - 0x16), true);
  if (place === 3) return Number(lanes(x, bits).every((lane) => lane !== 0n));
  if (place === 4) return lanes(x, bits).reduce((mask, lane, k) => mask | (lane < 0n ? 1 << k : 0), 0);
  if (place === 5 || place === 6) return narrowed(bits, x, y, place === 5);
  if (sub >= 0x7c && sub <= 0x7f) return pairsAdded(sub < 0x7e ? 8 : 16, x, sub % 2 === 0);
  if (place >= 0x07 && place <= 0x0a) return vectorOf(bits, half(x, bits / 2, place - 0x07));
  if (place >= 0x1c) {
    const right = half(y, bits / 2, place - 0x1c);
    return vectorOf(
      bits,
      half(x, bits / 2, place - 0x1c).map((lane, k) => lane * at(right, k)),
    );
  }
  if (sub === 0xba) return dot(x, y);
  if (place >= 0x0b && place <= 0x0d) return shifted(bits, x, operands[1] as number, place);
  if (place <= 2 && sub !== 0x82)
    return vectorOf(
      bits,
      lanes(x, bits).map((lane) => unary(place, lane)),
    );
  return vectorOf(
    bits,
    lanes(x, bits).map((lane, k) => binary(place, bits, lane, at(lanes(y, bits), k))),
  );
}

function unary(place: number, lane: bigint): bigint {
  if (place === 0) return lane < 0n ? -lane : lane;
  if (place === 1) return -lane;
  return BigInt(BigInt.asUintN(8, lane).toString(2).replaceAll('0', '').length);
}

function binary(place: number, bits: number, a: bigint, b: bigint): bigint {
  const [x, y] = [BigInt.asUintN(bits, a), BigInt.asUintN(bits, b)];
  switch (place) {
    case 0x02:
      return clamp((a * b + 0x4000n) >> 15n, 16, true);
    case 0x0e:
      return a + b;
    case 0x0f:
      return clamp(a + b, bits, true);
    case 0x10:
      return clamp(x + y, bits, false);
    case 0x11:
      return a - b;
    case 0x12:
      return clamp(a - b, bits, true);
    case 0x13:
      return clamp(x - y, bits, false);
    case 0x15:
      return a * b;
    case 0x16:
      return a < b ? a : b;
    case 0x17:
      return x < y ? x : y;
    case 0x18:
      return a > b ? a : b;
    case 0x19:
      return x > y ? x : y;
    case 0x1b:
      return (x + y + 1n) / 2n;
    default:
      throw new Error(`The reference does not know place 0x${place.toString(16)} of ${bits} bits.`);
  }
}

function compared(bits: number, x: Uint8Array, y: Uint8Array, test: string, signed: boolean): Uint8Array {
  const right = lanes(y, bits, signed);
  const tests: Readonly<Record<string, (a: bigint, b: bigint) => boolean>> = {
    eq: (a, b) => a === b,
    ne: (a, b) => a !== b,
    lt: (a, b) => a < b,
    gt: (a, b) => a > b,
    le: (a, b) => a <= b,
    ge: (a, b) => a >= b,
  };
  return vectorOf(
    bits,
    lanes(x, bits, signed).map((lane, k) => (tests[test]?.(lane, at(right, k)) ? -1n : 0n)),
  );
}

/** The lanes of twice the width of both vectors, cut down. Each is read as signed, whatever it becomes. */
function narrowed(bits: number, x: Uint8Array, y: Uint8Array, signed: boolean): Uint8Array {
  const wide = [...lanes(x, 2 * bits), ...lanes(y, 2 * bits)];
  return vectorOf(
    bits,
    wide.map((lane) => clamp(lane, bits, signed)),
  );
}

function pairsAdded(bits: number, x: Uint8Array, signed: boolean): Uint8Array {
  const all = lanes(x, bits, signed);
  return vectorOf(
    2 * bits,
    Array.from({ length: all.length / 2 }, (_, k) => at(all, 2 * k) + at(all, 2 * k + 1)),
  );
}

/** Half of a vector's lanes: low and signed, high and signed, low, high. */
function half(x: Uint8Array, bits: number, which: number): bigint[] {
  const all = lanes(x, bits, which < 2);
  return which % 2 === 0 ? all.slice(0, all.length / 2) : all.slice(all.length / 2);
}

function dot(x: Uint8Array, y: Uint8Array): Uint8Array {
  const [a, b] = [lanes(x, 16), lanes(y, 16)];
  const product = (k: number) => at(a, k) * at(b, k);
  return vectorOf(
    32,
    [0, 2, 4, 6].map((k) => product(k) + product(k + 1)),
  );
}

function shifted(bits: number, x: Uint8Array, count: number, place: number): Uint8Array {
  const by = BigInt((count >>> 0) % bits);
  return vectorOf(
    bits,
    lanes(x, bits, place !== 0x0d).map((lane) => (place === 0x0b ? lane << by : lane >> by)),
  );
}

function convert(sub: number, x: Uint8Array, nan: NanChoice): Uint8Array {
  const two = [0, 1];
  const four = [0, 1, 2, 3];
  if (sub === 0x5e)
    return vectorOf(32, [...two.map((k) => BigInt(fromF32(Math.fround(float64(x, k)), nan))), 0n, 0n]);
  if (sub === 0x5f)
    return vectorOf(
      64,
      two.map((k) => fromF64(float32(x, k), nan)),
    );
  const signed = sub % 2 === 0;
  if (sub <= 0xf9)
    return vectorOf(
      32,
      four.map((k) => saturate(float32(x, k), 32, signed)),
    );
  const whole = lanes(x, 32, signed);
  if (sub <= 0xfb)
    return vectorOf(
      32,
      whole.map((lane) => BigInt(fromF32(Math.fround(Number(lane)), nan))),
    );
  if (sub <= 0xfd) return vectorOf(32, [...two.map((k) => saturate(float64(x, k), 32, signed)), 0n, 0n]);
  return vectorOf(
    64,
    two.map((k) => fromF64(Number(at(whole, k)), nan)),
  );
}

function clamp(value: bigint, bits: number, signed: boolean): bigint {
  const min = signed ? -(1n << BigInt(bits - 1)) : 0n;
  const max = (1n << BigInt(signed ? bits - 1 : bits)) - 1n;
  return value < min ? min : value > max ? max : value;
}

export function lanes(x: Uint8Array, bits: number, signed = true): bigint[] {
  const bytes = bits / 8;
  return Array.from({ length: 16 / bytes }, (_, lane) => {
    let value = 0n;
    for (let k = bytes - 1; k >= 0; k--) value = (value << 8n) | BigInt(at(x, lane * bytes + k));
    return signed ? BigInt.asIntN(bits, value) : value;
  });
}

export function vectorOf(bits: number, values: readonly bigint[]): Uint8Array {
  const bytes = bits / 8;
  return Uint8Array.from({ length: 16 }, (_, k) =>
    Number(BigInt.asUintN(8, at(values, Math.floor(k / bytes)) >> BigInt(8 * (k % bytes)))),
  );
}
