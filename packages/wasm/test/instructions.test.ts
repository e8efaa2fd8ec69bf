/**
 * Every admitted instruction on numbers, vectors and memory, one by one, on operands that are awkward and at random: the
 * engine's result is the reference's, so that the reference may judge whole programs.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  bulkOpcodes,
  f32,
  f64,
  i32,
  i64,
  immediate,
  type OpcodeTable,
  plainOpcodes,
  simdOpcodes,
  v128,
} from '../src/opcodes.ts';
import { rewrite, runHere, runInReference } from './differential.ts';
import { encodeModule, unsigned } from './generator/encode.ts';
import { Random } from './generator/random.ts';

const rounds = 24;
const operandBytes = 16 * 64;
const room = 4096;

const plain = instructionsOf([], plainOpcodes);
const bulk = instructionsOf([0xfc], bulkOpcodes);
const simd = instructionsOf([0xfd], simdOpcodes);

test('there are as many instructions as the specification has', () => {
  // 23 loads and stores and 128 on numbers; 8 conversions that saturate; 236 on vectors.
  assert.deepEqual([plain.length, bulk.length, simd.length], [23 + 128, 8, 236]);
});

for (const { name, opcode, table, prefix } of [...plain, ...bulk, ...simd]) {
  test(`${name} does what the reference says`, () => {
    for (let seed = 1; seed <= 4; seed++) {
      const bytes = programOf(new Random(1000 * opcode + seed), prefix, opcode, table);
      const expected = runInReference(bytes);
      const { end, memory, fuel } = runHere(rewrite(bytes, 'strict'));
      assert.deepEqual({ end, memory, fuel }, expected, `seed ${seed}`);
    }
  });
}

interface Instruction {
  readonly name: string;
  readonly opcode: number;
  readonly table: OpcodeTable;
  readonly prefix: readonly number[];
}

function instructionsOf(prefix: readonly number[], table: OpcodeTable): Instruction[] {
  return table.names.flatMap((name, opcode) =>
    name === undefined || table.immediates[opcode] === immediate.special
      ? []
      : [{ name, opcode, table, prefix }],
  );
}

/** Runs one instruction on operands from all over the memory's beginning, and stores each result. A trap ends it. */
function programOf(
  random: Random,
  prefix: readonly number[],
  opcode: number,
  table: OpcodeTable,
): Uint8Array {
  const code = [...constant(0), ...constant(0), ...constant(operandBytes), 0xfc, 8, 0, 0];
  const [operands, result] = [typesOf(table, opcode, 0, 3), typesOf(table, opcode, 3, 4)[0]];
  for (let round = 0; round < rounds; round++) {
    const to = room + 16 * round;
    if (result !== undefined) code.push(...constant(to));
    for (const [k, type] of operands.entries()) {
      const isAddress = k === 0 && type === i32 && readsMemory(table, opcode);
      if (isAddress) code.push(...constant(result === undefined ? to : random.below(operandBytes - 16)));
      else code.push(...constant(operandAt(random, type)), ...access(type, loads));
    }
    code.push(...prefix, ...unsigned(opcode), ...immediatesOf(random, table, opcode));
    if (result !== undefined) code.push(...access(result, stores));
  }
  return encodeModule({
    types: [{ params: [], results: [] }],
    functions: [{ type: 0, locals: [], code }],
    memory: { min: 1 },
    data: operandsOf(random),
    exports: [
      { name: 'memory', kind: 2, index: 0 },
      { name: '_start', kind: 0, index: 0 },
    ],
  });
}

function typesOf({ types }: OpcodeTable, opcode: number, from: number, to: number): number[] {
  return [...types.subarray(4 * opcode + from, 4 * opcode + to)].filter((type) => type !== 0);
}

function readsMemory({ immediates }: OpcodeTable, opcode: number): boolean {
  return immediates[opcode] === immediate.memory || immediates[opcode] === immediate.memoryLane;
}

function immediatesOf(random: Random, table: OpcodeTable, opcode: number): number[] {
  const bound = table.bound[opcode] as number;
  switch (table.immediates[opcode]) {
    case immediate.memory:
      return [random.below(bound + 1), random.below(8)];
    case immediate.memoryLane:
      return [0, random.below(8), random.below(16 >> bound)];
    case immediate.lane:
      return [random.below(bound)];
    case immediate.bytes16:
      return Array.from({ length: 16 }, () => random.below(32));
    default:
      return [];
  }
}

/** 64 vectors of awkward numbers of every width, and of bits at random. */
function operandsOf(random: Random): number[] {
  const view = new DataView(new ArrayBuffer(operandBytes));
  for (let at = 0; at < operandBytes; at += 16) fill(random, view, at);
  return [...new Uint8Array(view.buffer)];
}

const awkward = [
  0, -0, 1, -1, 0.5, -0.5, 1.5, 2.5, 127.5, 255, -128, 32768, 65535.9, 2147483647, -2147483648.5,
];
const enormous = [4294967295, 4294967296, 2 ** 63, 1.8446744073709552e19, -1e300, 3e38, 1e-40, 5e-324];
const floats = [...awkward, ...enormous, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN];

function fill(random: Random, view: DataView, at: number): void {
  for (let k = 0; k < 16; k += 4) view.setInt32(at + k, random.bits(), true);
  const kind = random.below(6);
  for (let k = 0; k < 16; k += 8) {
    if (kind === 0) view.setFloat64(at + k, random.pick(floats), true);
    if (kind === 1)
      view.setBigInt64(at + k, random.pick([0n, 1n, -1n, 2n ** 63n - 1n, -(2n ** 63n), 64n, 31n]), true);
    if (kind === 2) view.setFloat32(at + k, random.pick(floats), true);
    if (kind === 2) view.setFloat32(at + k + 4, random.pick(floats), true);
    if (kind === 3)
      for (let b = 0; b < 8; b++) view.setUint8(at + k + b, random.pick([0, 1, 127, 128, 255, 8]));
    if (kind === 4)
      for (let b = 0; b < 8; b += 2)
        view.setUint16(at + k + b, random.pick([0, 1, 32767, 32768, 65535, 16]), true);
  }
}

/** Where an operand of a type lies: aligned, so that it is one of the numbers above, or anywhere. */
function operandAt(random: Random, type: number): number {
  const at = random.below(operandBytes - 16);
  return random.chance(80) ? at & ~(type === i32 || type === f32 ? 3 : type === v128 ? 15 : 7) : at;
}

const loads: Readonly<Record<number, readonly number[]>> = {
  [i32]: [0x28],
  [i64]: [0x29],
  [f32]: [0x2a],
  [f64]: [0x2b],
  [v128]: [0xfd, 0x00],
};
const stores: typeof loads = {
  [i32]: [0x36],
  [i64]: [0x37],
  [f32]: [0x38],
  [f64]: [0x39],
  [v128]: [0xfd, 0x0b],
};

function access(type: number, opcodes: typeof loads): number[] {
  return [...(opcodes[type] ?? []), 0, 0];
}

function constant(value: number): number[] {
  // Two bytes and a sign that is never set.
  return [0x41, (value & 0x7f) | 0x80, ((value >> 7) & 0x7f) | 0x80, value >> 14];
}
