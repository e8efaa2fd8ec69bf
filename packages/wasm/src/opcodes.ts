/**
 * Every instruction that an admitted program may contain: its number, name, operand types and what follows the opcode.
 * What is not listed here is refused. Instructions come in three spaces, each a table of 256 entries: plain opcodes,
 * those after the prefix 0xFC and those after 0xFD (SIMD).
 *
 * The names are the specification's. The validator, the provenance analysis and the messages of refusals read these
 * tables; what an instruction costs is in cost-table.ts.
 */

/** Value types as they are encoded. `unknown` stands for the operand of code that is never reached. */
export const i32 = 0x7f;
export const i64 = 0x7e;
export const f32 = 0x7d;
export const f64 = 0x7c;
export const v128 = 0x7b;
export const unknown = 0;

export function isValueType(byte: number): boolean {
  return byte >= v128 && byte <= i32;
}

export const valueTypeNames: Readonly<Record<number, string>> = {
  [i32]: 'i32',
  [i64]: 'i64',
  [f32]: 'f32',
  [f64]: 'f64',
  [v128]: 'v128',
};

/** Opcodes that the passes treat one by one. */
export const op = {
  unreachable: 0x00,
  nop: 0x01,
  block: 0x02,
  loop: 0x03,
  if: 0x04,
  else: 0x05,
  end: 0x0b,
  br: 0x0c,
  brIf: 0x0d,
  brTable: 0x0e,
  return: 0x0f,
  call: 0x10,
  callIndirect: 0x11,
  drop: 0x1a,
  select: 0x1b,
  selectTyped: 0x1c,
  localGet: 0x20,
  localSet: 0x21,
  localTee: 0x22,
  globalGet: 0x23,
  globalSet: 0x24,
  f32Load: 0x2a,
  f64Load: 0x2b,
  f32Store: 0x38,
  f64Store: 0x39,
  memorySize: 0x3f,
  memoryGrow: 0x40,
  i32Const: 0x41,
  i64Const: 0x42,
  f32Const: 0x43,
  f64Const: 0x44,
  i32Eqz: 0x45,
  i32Eq: 0x46,
  i32Ne: 0x47,
  i32LtS: 0x48,
  i32LtU: 0x49,
  i32GtS: 0x4a,
  i32GtU: 0x4b,
  i32GeU: 0x4f,
  f32Ne: 0x5c,
  f64Ne: 0x62,
  i32Add: 0x6a,
  i32Sub: 0x6b,
  i32Mul: 0x6c,
  i32And: 0x71,
  i64Add: 0x7c,
  i64Mul: 0x7e,
  i64ShrU: 0x88,
  i64ExtendI32U: 0xad,
  i64GtU: 0x56,
  i32ShrU: 0x76,
  bulkPrefix: 0xfc,
  simdPrefix: 0xfd,
} as const;

/** After the prefix 0xFC. */
export const bulkOp = { memoryInit: 8, dataDrop: 9, memoryCopy: 10, memoryFill: 11 } as const;

/** What follows an opcode. */
export const immediate = {
  /** Not on the allow-list. */
  refused: 0,
  none: 1,
  /** Alignment and offset of a memory access. */
  memory: 2,
  /** As `memory`, then a lane. */
  memoryLane: 3,
  lane: 4,
  /** 16 bytes: a v128 constant or the lanes of a shuffle. */
  bytes16: 5,
  /** Anything that the passes treat one by one. */
  special: 6,
} as const;

/** One space of instructions. Each opcode has four types in `types`: three operands, bottom first, and a result. */
export interface OpcodeTable {
  readonly names: readonly (string | undefined)[];
  readonly immediates: Uint8Array;
  /** `types[4 * opcode + 0..2]`: operands, 0 for none; `types[4 * opcode + 3]`: result, 0 for none. */
  readonly types: Uint8Array;
  /** Number of operands. */
  readonly arity: Uint8Array;
  /** Largest alignment exponent of a memory access, or number of lanes. */
  readonly bound: Uint8Array;
}

interface MutableTable extends OpcodeTable {
  readonly names: (string | undefined)[];
}

const letters: Readonly<Record<string, number>> = { i: i32, l: i64, f: f32, d: f64, v: v128 };

function emptyTable(): MutableTable {
  return {
    names: new Array(256).fill(undefined),
    immediates: new Uint8Array(256),
    types: new Uint8Array(1024),
    arity: new Uint8Array(256),
    bound: new Uint8Array(256),
  };
}

/** Enters consecutive opcodes that share a signature such as `ii:i`. A name `-` leaves a gap. */
function enter(
  table: MutableTable,
  first: number,
  names: string,
  signature: string,
  kind: number,
  bound = 0,
): void {
  const [operands = '', result = ''] = signature.split(':');
  names.split(' ').forEach((name, index) => {
    if (name === '-') return;
    const opcode = first + index;
    table.names[opcode] = name;
    table.immediates[opcode] = kind;
    table.arity[opcode] = operands.length;
    for (let k = 0; k < operands.length; k++)
      table.types[4 * opcode + k] = letters[operands[k] as string] as number;
    table.types[4 * opcode + 3] = result === '' ? 0 : (letters[result] as number);
    table.bound[opcode] = bound;
  });
}

function prefixed(prefix: string, names: string): string {
  return names
    .split(' ')
    .map((name) => (name === '-' ? name : `${prefix}.${name}`))
    .join(' ');
}

const { none, memory, memoryLane, lane, bytes16, special } = immediate;

/** Plain opcodes. */
export const plainOpcodes: OpcodeTable = (() => {
  const table = emptyTable();
  const add = (first: number, names: string, signature: string, kind: number = none, bound = 0) =>
    enter(table, first, names, signature, kind, bound);
  add(0x00, 'unreachable nop block loop if else', '', special);
  add(0x0b, 'end br br_if br_table return call call_indirect', '', special);
  add(0x1a, 'drop select select', '', special);
  add(0x20, 'local.get local.set local.tee global.get global.set', '', special);
  add(0x28, 'i32.load', 'i:i', memory, 2);
  add(0x29, 'i64.load', 'i:l', memory, 3);
  add(0x2a, 'f32.load', 'i:f', memory, 2);
  add(0x2b, 'f64.load', 'i:d', memory, 3);
  add(0x2c, 'i32.load8_s i32.load8_u', 'i:i', memory, 0);
  add(0x2e, 'i32.load16_s i32.load16_u', 'i:i', memory, 1);
  add(0x30, 'i64.load8_s i64.load8_u', 'i:l', memory, 0);
  add(0x32, 'i64.load16_s i64.load16_u', 'i:l', memory, 1);
  add(0x34, 'i64.load32_s i64.load32_u', 'i:l', memory, 2);
  add(0x36, 'i32.store', 'ii:', memory, 2);
  add(0x37, 'i64.store', 'il:', memory, 3);
  add(0x38, 'f32.store', 'if:', memory, 2);
  add(0x39, 'f64.store', 'id:', memory, 3);
  add(0x3a, 'i32.store8', 'ii:', memory, 0);
  add(0x3b, 'i32.store16', 'ii:', memory, 1);
  add(0x3c, 'i64.store8', 'il:', memory, 0);
  add(0x3d, 'i64.store16', 'il:', memory, 1);
  add(0x3e, 'i64.store32', 'il:', memory, 2);
  add(0x3f, 'memory.size', ':i', special);
  add(0x40, 'memory.grow', 'i:i', special);
  add(0x41, 'i32.const', ':i', special);
  add(0x42, 'i64.const', ':l', special);
  add(0x43, 'f32.const', ':f', special);
  add(0x44, 'f64.const', ':d', special);
  const integerComparisons = 'eq ne lt_s lt_u gt_s gt_u le_s le_u ge_s ge_u';
  add(0x45, 'i32.eqz', 'i:i');
  add(0x46, prefixed('i32', integerComparisons), 'ii:i');
  add(0x50, 'i64.eqz', 'l:i');
  add(0x51, prefixed('i64', integerComparisons), 'll:i');
  add(0x5b, prefixed('f32', 'eq ne lt gt le ge'), 'ff:i');
  add(0x61, prefixed('f64', 'eq ne lt gt le ge'), 'dd:i');
  const integerBinary = 'add sub mul div_s div_u rem_s rem_u and or xor shl shr_s shr_u rotl rotr';
  add(0x67, prefixed('i32', 'clz ctz popcnt'), 'i:i');
  add(0x6a, prefixed('i32', integerBinary), 'ii:i');
  add(0x79, prefixed('i64', 'clz ctz popcnt'), 'l:l');
  add(0x7c, prefixed('i64', integerBinary), 'll:l');
  const floatUnary = 'abs neg ceil floor trunc nearest sqrt';
  const floatBinary = 'add sub mul div min max copysign';
  add(0x8b, prefixed('f32', floatUnary), 'f:f');
  add(0x92, prefixed('f32', floatBinary), 'ff:f');
  add(0x99, prefixed('f64', floatUnary), 'd:d');
  add(0xa0, prefixed('f64', floatBinary), 'dd:d');
  add(0xa7, 'i32.wrap_i64', 'l:i');
  add(0xa8, prefixed('i32', 'trunc_f32_s trunc_f32_u'), 'f:i');
  add(0xaa, prefixed('i32', 'trunc_f64_s trunc_f64_u'), 'd:i');
  add(0xac, prefixed('i64', 'extend_i32_s extend_i32_u'), 'i:l');
  add(0xae, prefixed('i64', 'trunc_f32_s trunc_f32_u'), 'f:l');
  add(0xb0, prefixed('i64', 'trunc_f64_s trunc_f64_u'), 'd:l');
  add(0xb2, prefixed('f32', 'convert_i32_s convert_i32_u'), 'i:f');
  add(0xb4, prefixed('f32', 'convert_i64_s convert_i64_u'), 'l:f');
  add(0xb6, 'f32.demote_f64', 'd:f');
  add(0xb7, prefixed('f64', 'convert_i32_s convert_i32_u'), 'i:d');
  add(0xb9, prefixed('f64', 'convert_i64_s convert_i64_u'), 'l:d');
  add(0xbb, 'f64.promote_f32', 'f:d');
  add(0xbc, 'i32.reinterpret_f32', 'f:i');
  add(0xbd, 'i64.reinterpret_f64', 'd:l');
  add(0xbe, 'f32.reinterpret_i32', 'i:f');
  add(0xbf, 'f64.reinterpret_i64', 'l:d');
  add(0xc0, prefixed('i32', 'extend8_s extend16_s'), 'i:i');
  add(0xc2, prefixed('i64', 'extend8_s extend16_s extend32_s'), 'l:l');
  add(0xfc, 'prefix_fc prefix_fd', '', special);
  return table;
})();

/** Opcodes after 0xFC: saturating conversions and bulk memory. */
export const bulkOpcodes: OpcodeTable = (() => {
  const table = emptyTable();
  enter(table, 0, prefixed('i32', 'trunc_sat_f32_s trunc_sat_f32_u'), 'f:i', none);
  enter(table, 2, prefixed('i32', 'trunc_sat_f64_s trunc_sat_f64_u'), 'd:i', none);
  enter(table, 4, prefixed('i64', 'trunc_sat_f32_s trunc_sat_f32_u'), 'f:l', none);
  enter(table, 6, prefixed('i64', 'trunc_sat_f64_s trunc_sat_f64_u'), 'd:l', none);
  enter(table, 8, 'memory.init', 'iii:', special);
  enter(table, 9, 'data.drop', '', special);
  enter(table, 10, 'memory.copy memory.fill', 'iii:', special);
  return table;
})();

/** Opcodes after 0xFD: the 128-bit vectors, without the relaxed ones (0x100 and above). */
export const simdOpcodes: OpcodeTable = (() => {
  const table = emptyTable();
  const add = (first: number, names: string, signature: string, kind: number = none, bound = 0) =>
    enter(table, first, names, signature, kind, bound);
  add(0x00, 'v128.load', 'i:v', memory, 4);
  add(
    0x01,
    prefixed('v128', 'load8x8_s load8x8_u load16x4_s load16x4_u load32x2_s load32x2_u'),
    'i:v',
    memory,
    3,
  );
  add(0x07, 'v128.load8_splat', 'i:v', memory, 0);
  add(0x08, 'v128.load16_splat', 'i:v', memory, 1);
  add(0x09, 'v128.load32_splat', 'i:v', memory, 2);
  add(0x0a, 'v128.load64_splat', 'i:v', memory, 3);
  add(0x0b, 'v128.store', 'iv:', memory, 4);
  add(0x0c, 'v128.const', ':v', bytes16);
  add(0x0d, 'i8x16.shuffle', 'vv:v', bytes16);
  add(0x0e, 'i8x16.swizzle', 'vv:v');
  add(0x0f, 'i8x16.splat i16x8.splat i32x4.splat', 'i:v');
  add(0x12, 'i64x2.splat', 'l:v');
  add(0x13, 'f32x4.splat', 'f:v');
  add(0x14, 'f64x2.splat', 'd:v');
  add(0x15, 'i8x16.extract_lane_s i8x16.extract_lane_u', 'v:i', lane, 16);
  add(0x17, 'i8x16.replace_lane', 'vi:v', lane, 16);
  add(0x18, 'i16x8.extract_lane_s i16x8.extract_lane_u', 'v:i', lane, 8);
  add(0x1a, 'i16x8.replace_lane', 'vi:v', lane, 8);
  add(0x1b, 'i32x4.extract_lane', 'v:i', lane, 4);
  add(0x1c, 'i32x4.replace_lane', 'vi:v', lane, 4);
  add(0x1d, 'i64x2.extract_lane', 'v:l', lane, 2);
  add(0x1e, 'i64x2.replace_lane', 'vl:v', lane, 2);
  add(0x1f, 'f32x4.extract_lane', 'v:f', lane, 4);
  add(0x20, 'f32x4.replace_lane', 'vf:v', lane, 4);
  add(0x21, 'f64x2.extract_lane', 'v:d', lane, 2);
  add(0x22, 'f64x2.replace_lane', 'vd:v', lane, 2);
  const comparisons = 'eq ne lt_s lt_u gt_s gt_u le_s le_u ge_s ge_u';
  add(0x23, prefixed('i8x16', comparisons), 'vv:v');
  add(0x2d, prefixed('i16x8', comparisons), 'vv:v');
  add(0x37, prefixed('i32x4', comparisons), 'vv:v');
  add(0x41, prefixed('f32x4', 'eq ne lt gt le ge'), 'vv:v');
  add(0x47, prefixed('f64x2', 'eq ne lt gt le ge'), 'vv:v');
  add(0x4d, 'v128.not', 'v:v');
  add(0x4e, prefixed('v128', 'and andnot or xor'), 'vv:v');
  add(0x52, 'v128.bitselect', 'vvv:v');
  add(0x53, 'v128.any_true', 'v:i');
  add(0x54, 'v128.load8_lane', 'iv:v', memoryLane, 0);
  add(0x55, 'v128.load16_lane', 'iv:v', memoryLane, 1);
  add(0x56, 'v128.load32_lane', 'iv:v', memoryLane, 2);
  add(0x57, 'v128.load64_lane', 'iv:v', memoryLane, 3);
  add(0x58, 'v128.store8_lane', 'iv:', memoryLane, 0);
  add(0x59, 'v128.store16_lane', 'iv:', memoryLane, 1);
  add(0x5a, 'v128.store32_lane', 'iv:', memoryLane, 2);
  add(0x5b, 'v128.store64_lane', 'iv:', memoryLane, 3);
  add(0x5c, 'v128.load32_zero', 'i:v', memory, 2);
  add(0x5d, 'v128.load64_zero', 'i:v', memory, 3);
  add(0x5e, 'f32x4.demote_f64x2_zero f64x2.promote_low_f32x4', 'v:v');
  add(0x60, 'i8x16.abs i8x16.neg i8x16.popcnt', 'v:v');
  add(0x63, 'i8x16.all_true i8x16.bitmask', 'v:i');
  add(0x65, 'i8x16.narrow_i16x8_s i8x16.narrow_i16x8_u', 'vv:v');
  add(0x67, prefixed('f32x4', 'ceil floor trunc nearest'), 'v:v');
  add(0x6b, 'i8x16.shl i8x16.shr_s i8x16.shr_u', 'vi:v');
  add(0x6e, prefixed('i8x16', 'add add_sat_s add_sat_u sub sub_sat_s sub_sat_u'), 'vv:v');
  add(0x74, 'f64x2.ceil f64x2.floor', 'v:v');
  add(0x76, prefixed('i8x16', 'min_s min_u max_s max_u'), 'vv:v');
  add(0x7a, 'f64x2.trunc', 'v:v');
  add(0x7b, 'i8x16.avgr_u', 'vv:v');
  add(0x7c, 'i16x8.extadd_pairwise_i8x16_s i16x8.extadd_pairwise_i8x16_u', 'v:v');
  add(0x7e, 'i32x4.extadd_pairwise_i16x8_s i32x4.extadd_pairwise_i16x8_u', 'v:v');
  add(0x80, 'i16x8.abs i16x8.neg', 'v:v');
  add(0x82, 'i16x8.q15mulr_sat_s', 'vv:v');
  add(0x83, 'i16x8.all_true i16x8.bitmask', 'v:i');
  add(0x85, 'i16x8.narrow_i32x4_s i16x8.narrow_i32x4_u', 'vv:v');
  const extend8 = 'extend_low_i8x16_s extend_high_i8x16_s extend_low_i8x16_u extend_high_i8x16_u';
  add(0x87, prefixed('i16x8', extend8), 'v:v');
  add(0x8b, 'i16x8.shl i16x8.shr_s i16x8.shr_u', 'vi:v');
  add(0x8e, prefixed('i16x8', 'add add_sat_s add_sat_u sub sub_sat_s sub_sat_u'), 'vv:v');
  add(0x94, 'f64x2.nearest', 'v:v');
  add(0x95, prefixed('i16x8', 'mul min_s min_u max_s max_u - avgr_u'), 'vv:v');
  const extmul8 = 'extmul_low_i8x16_s extmul_high_i8x16_s extmul_low_i8x16_u extmul_high_i8x16_u';
  add(0x9c, prefixed('i16x8', extmul8), 'vv:v');
  add(0xa0, 'i32x4.abs i32x4.neg', 'v:v');
  add(0xa3, 'i32x4.all_true i32x4.bitmask', 'v:i');
  const extend16 = 'extend_low_i16x8_s extend_high_i16x8_s extend_low_i16x8_u extend_high_i16x8_u';
  add(0xa7, prefixed('i32x4', extend16), 'v:v');
  add(0xab, 'i32x4.shl i32x4.shr_s i32x4.shr_u', 'vi:v');
  add(0xae, 'i32x4.add', 'vv:v');
  add(0xb1, 'i32x4.sub', 'vv:v');
  add(0xb5, prefixed('i32x4', 'mul min_s min_u max_s max_u dot_i16x8_s'), 'vv:v');
  const extmul16 = 'extmul_low_i16x8_s extmul_high_i16x8_s extmul_low_i16x8_u extmul_high_i16x8_u';
  add(0xbc, prefixed('i32x4', extmul16), 'vv:v');
  add(0xc0, 'i64x2.abs i64x2.neg', 'v:v');
  add(0xc3, 'i64x2.all_true i64x2.bitmask', 'v:i');
  const extend32 = 'extend_low_i32x4_s extend_high_i32x4_s extend_low_i32x4_u extend_high_i32x4_u';
  add(0xc7, prefixed('i64x2', extend32), 'v:v');
  add(0xcb, 'i64x2.shl i64x2.shr_s i64x2.shr_u', 'vi:v');
  add(0xce, 'i64x2.add', 'vv:v');
  add(0xd1, 'i64x2.sub', 'vv:v');
  add(0xd5, prefixed('i64x2', 'mul eq ne lt_s gt_s le_s ge_s'), 'vv:v');
  const extmul32 = 'extmul_low_i32x4_s extmul_high_i32x4_s extmul_low_i32x4_u extmul_high_i32x4_u';
  add(0xdc, prefixed('i64x2', extmul32), 'vv:v');
  add(0xe0, 'f32x4.abs f32x4.neg', 'v:v');
  add(0xe3, 'f32x4.sqrt', 'v:v');
  add(0xe4, prefixed('f32x4', 'add sub mul div min max pmin pmax'), 'vv:v');
  add(0xec, 'f64x2.abs f64x2.neg', 'v:v');
  add(0xef, 'f64x2.sqrt', 'v:v');
  add(0xf0, prefixed('f64x2', 'add sub mul div min max pmin pmax'), 'vv:v');
  add(0xf8, 'i32x4.trunc_sat_f32x4_s i32x4.trunc_sat_f32x4_u', 'v:v');
  add(0xfa, 'f32x4.convert_i32x4_s f32x4.convert_i32x4_u', 'v:v');
  add(0xfc, 'i32x4.trunc_sat_f64x2_s_zero i32x4.trunc_sat_f64x2_u_zero', 'v:v');
  add(0xfe, 'f64x2.convert_low_i32x4_s f64x2.convert_low_i32x4_u', 'v:v');
  return table;
})();
