import { immediate, op, plainOpcodes, simdOpcodes } from './opcodes.ts';

/**
 * Walks code that admission has validated, so it checks nothing. One cursor is moved over all bodies; the passes read
 * the opcodes they care about themselves and skip the immediates of all others.
 */
export class CodeCursor {
  readonly bytes: Uint8Array;
  pos = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  /** An unsigned number, or a signed one whose sign nobody needs. */
  u32(): number {
    const bytes = this.bytes;
    const first = bytes[this.pos++] as number;
    if (first < 0x80) return first;
    let value = first & 0x7f;
    for (let shift = 7; ; shift += 7) {
      const byte = bytes[this.pos++] as number;
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value >>> 0;
    }
  }

  /** A signed number of 32 bits. */
  s32(): number {
    const bytes = this.bytes;
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[this.pos++] as number;
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return shift < 25 && (byte & 0x40) !== 0 ? value | (-1 << (shift + 7)) : value;
    }
  }

  skipNumber(): void {
    const bytes = this.bytes;
    while ((bytes[this.pos++] as number) >= 0x80);
  }

  /** Skips what follows a plain opcode other than the two prefixes. */
  skipImmediate(opcode: number): void {
    switch (plainSkip[opcode]) {
      case skipOne:
        this.skipNumber();
        break;
      case skipTwo:
        this.skipNumber();
        this.skipNumber();
        break;
      case skipFour:
        this.pos += 4;
        break;
      case skipEight:
        this.pos += 8;
        break;
      case skipTargets:
        for (let count = this.u32(); count >= 0; count--) this.skipNumber();
        break;
      case skipTypes:
        for (let count = this.u32(); count > 0; count--) this.pos++;
        break;
      default:
    }
  }

  /** Skips what follows an opcode after 0xFC. */
  skipBulkImmediate(opcode: number): void {
    if (opcode === 8 || opcode === 10) this.pos += 1;
    if (opcode === 8 || opcode === 9) this.skipNumber();
    if (opcode === 10 || opcode === 11) this.pos += 1;
  }

  /** Skips what follows an opcode after 0xFD. */
  skipSimdImmediate(opcode: number): void {
    switch (simdOpcodes.immediates[opcode]) {
      case immediate.memory:
        this.skipNumber();
        this.skipNumber();
        break;
      case immediate.memoryLane:
        this.skipNumber();
        this.skipNumber();
        this.pos++;
        break;
      case immediate.lane:
        this.pos++;
        break;
      case immediate.bytes16:
        this.pos += 16;
        break;
      default:
    }
  }
}

const skipOne = 1;
const skipTwo = 2;
const skipFour = 3;
const skipEight = 4;
const skipTargets = 5;
const skipTypes = 6;

const plainSkip: Uint8Array = (() => {
  const table = new Uint8Array(256);
  for (let opcode = 0; opcode < 256; opcode++) {
    if (plainOpcodes.immediates[opcode] === immediate.memory) table[opcode] = skipTwo;
  }
  const single = [
    op.block,
    op.loop,
    op.if,
    op.br,
    op.brIf,
    op.call,
    op.localGet,
    op.localSet,
    op.localTee,
    op.globalGet,
  ];
  for (const opcode of [...single, op.globalSet, op.memorySize, op.memoryGrow, op.i32Const, op.i64Const])
    table[opcode] = skipOne;
  table[op.callIndirect] = skipTwo;
  table[op.f32Const] = skipFour;
  table[op.f64Const] = skipEight;
  table[op.brTable] = skipTargets;
  table[op.selectTyped] = skipTypes;
  return table;
})();
