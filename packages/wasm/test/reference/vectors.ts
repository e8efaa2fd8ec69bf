import { at, binary, compare, fromF32, fromF64, type NanChoice, unary } from './floats.ts';
import { float32 as get32, float64 as get64 } from './numbers.ts';

/** Vector instructions on floats and on bits. Operands come bottom first. */
export function vector(sub: number, operands: Uint8Array[], nan: NanChoice): Uint8Array {
  const [x, y, z] = operands as [Uint8Array, Uint8Array, Uint8Array];
  const f32 = (op: (k: number) => number) => floats32(op, nan);
  const f64 = (op: (k: number) => number) => floats64(op, nan);
  if (sub >= 0x41 && sub <= 0x46) return mask(4, (k) => at(compare, sub - 0x41)(get32(x, k), get32(y, k)));
  if (sub >= 0x47 && sub <= 0x4c) return mask(8, (k) => at(compare, sub - 0x47)(get64(x, k), get64(y, k)));
  if (sub === 0x4d) return x.map((b) => ~b);
  if (sub === 0x4e) return x.map((b, k) => b & at(y, k));
  if (sub === 0x4f) return x.map((b, k) => b & ~at(y, k));
  if (sub === 0x50) return x.map((b, k) => b | at(y, k));
  if (sub === 0x51) return x.map((b, k) => b ^ at(y, k));
  if (sub === 0x52) return x.map((b, k) => (b & at(z, k)) | (at(y, k) & ~at(z, k)));
  if (sub >= 0x67 && sub <= 0x6a) return f32((k) => at(unary, sub - 0x67)(get32(x, k)));
  if (sub === 0xe3) return f32((k) => Math.sqrt(get32(x, k)));
  if (sub === 0xef) return f64((k) => Math.sqrt(get64(x, k)));
  if (sub >= 0xe4 && sub <= 0xe9) return f32((k) => at(binary, sub - 0xe4)(get32(x, k), get32(y, k)));
  if (sub >= 0xf0 && sub <= 0xf5) return f64((k) => at(binary, sub - 0xf0)(get64(x, k), get64(y, k)));
  if (sub === 0xea || sub === 0xeb)
    return pick(4, (k) => (sub === 0xea ? get32(y, k) < get32(x, k) : get32(x, k) < get32(y, k)), x, y);
  if (sub === 0xf6 || sub === 0xf7)
    return pick(8, (k) => (sub === 0xf6 ? get64(y, k) < get64(x, k) : get64(x, k) < get64(y, k)), x, y);
  if (sub === 0xe0) return x.map((b, k) => (k % 4 === 3 ? b & 0x7f : b));
  if (sub === 0xe1) return x.map((b, k) => (k % 4 === 3 ? b ^ 0x80 : b));
  if (sub === 0xec) return x.map((b, k) => (k % 8 === 7 ? b & 0x7f : b));
  if (sub === 0xed) return x.map((b, k) => (k % 8 === 7 ? b ^ 0x80 : b));
  if (sub === 0x74 || sub === 0x75) return f64((k) => at(unary, sub - 0x74)(get64(x, k)));
  if (sub === 0x7a) return f64((k) => Math.trunc(get64(x, k)));
  if (sub === 0x94) return f64((k) => at(unary, 3)(get64(x, k)));
  throw new Error(`The reference does not know vector instruction 0x${sub.toString(16)}.`);
}

export function shuffle(x: Uint8Array, y: Uint8Array, lanes: Uint8Array): Uint8Array {
  return Uint8Array.from(lanes, (lane) => (lane < 16 ? at(x, lane) : at(y, lane - 16)));
}

function floats32(op: (k: number) => number, nan: NanChoice): Uint8Array {
  const out = new DataView(new ArrayBuffer(16));
  for (let k = 0; k < 4; k++) out.setInt32(4 * k, fromF32(Math.fround(op(k)), nan), true);
  return new Uint8Array(out.buffer);
}

function floats64(op: (k: number) => number, nan: NanChoice): Uint8Array {
  const out = new DataView(new ArrayBuffer(16));
  for (let k = 0; k < 2; k++) out.setBigInt64(8 * k, fromF64(op(k), nan), true);
  return new Uint8Array(out.buffer);
}

function mask(width: number, test: (k: number) => boolean): Uint8Array {
  return new Uint8Array(16).map((_, byte) => (test(Math.floor(byte / width)) ? 0xff : 0));
}

function pick(width: number, second: (k: number) => boolean, x: Uint8Array, y: Uint8Array): Uint8Array {
  return x.map((b, byte) => (second(Math.floor(byte / width)) ? at(y, byte) : b));
}
