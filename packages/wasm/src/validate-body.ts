/**
 * Validation of one function's code, by the algorithm of the specification's appendix: a stack of operand types and a
 * stack of open blocks; after an unconditional branch the operands are unknown until the block ends.
 *
 * The stacks are arrays of numbers that are reused from function to function, since a program has millions of
 * instructions and an object for each would cost more than checking it.
 */
import { invalid, limitExceeded, malformed, unsupported } from './admission-error.ts';
import type { ByteReader } from './byte-reader.ts';
import {
  bulkOp,
  bulkOpcodes,
  f32,
  f64,
  i32,
  i64,
  immediate,
  isValueType,
  type OpcodeTable,
  op,
  plainOpcodes,
  simdOpcodes,
  unknown,
  valueTypeNames,
} from './opcodes.ts';
import type { FunctionType } from './program.ts';
import type { ProgramDraft } from './program-draft.ts';
import { readValueType } from './sections/types.ts';

/** The type of a block as one number: a value type, 0 for none, or minus one minus the index of a function type. */
type BlockType = number;

/** The kinds of frames. */
const blockFrame = 0;
const loopFrame = 1;
const ifFrame = 2;
const elseFrame = 3;

const noTypes = new Uint8Array(0);
const singleTypes: Readonly<Record<number, Uint8Array>> = Object.fromEntries(
  Object.keys(valueTypeNames).map((type) => [type, Uint8Array.of(Number(type))]),
);

/** Validates bodies one after another: `enter`, `declare` for each group of locals, `validate`. */
export class BodyValidator {
  readonly #draft: ProgramDraft;
  readonly #locals: Uint8Array;
  #localCount = 0;
  #results: Uint8Array = noTypes;
  #operands = new Uint8Array(1024);
  #height = 0;
  readonly #frames: { kind: Uint8Array; type: Int32Array; height: Int32Array; unreachable: Uint8Array };
  #depth = 0;
  #deepest = 0;

  constructor(draft: ProgramDraft) {
    const depth = draft.limits.nestingMax + 1;
    this.#draft = draft;
    this.#locals = new Uint8Array(draft.limits.localsMax + draft.limits.paramsMax);
    this.#frames = {
      kind: new Uint8Array(depth),
      type: new Int32Array(depth),
      height: new Int32Array(depth),
      unreachable: new Uint8Array(depth),
    };
  }

  enter(type: FunctionType): void {
    this.#locals.set(type.params);
    this.#localCount = type.params.length;
    this.#results = type.results;
  }

  declare(count: number, type: number): void {
    this.#locals.fill(type, this.#localCount, this.#localCount + count);
    this.#localCount += count;
  }

  /** Checks the code up to the reader's end. Returns how deep its blocks nest, the function's own included. */
  validate(reader: ByteReader): number {
    this.#height = 0;
    this.#depth = 0;
    this.#deepest = 0;
    this.#push(blockFrame, functionBlock, reader.pos);
    while (this.#depth > 0) {
      const offset = reader.pos;
      this.#instruction(reader, reader.byte(), offset);
    }
    if (reader.pos !== reader.end) throw malformed('Code follows the end of a function.', reader.pos);
    return this.#deepest;
  }

  #instruction(reader: ByteReader, opcode: number, offset: number): void {
    const kind = plainOpcodes.immediates[opcode];
    if (kind === immediate.none) {
      this.#simple(plainOpcodes, opcode, offset);
      return;
    }
    if (kind === immediate.memory) {
      this.#memoryArgument(reader, plainOpcodes.bound[opcode] as number, offset);
      this.#simple(plainOpcodes, opcode, offset);
      return;
    }
    switch (opcode) {
      case op.unreachable:
        this.#die();
        return;
      case op.nop:
        return;
      case op.block:
      case op.loop:
        this.#open(opcode === op.loop ? loopFrame : blockFrame, this.#blockType(reader), offset);
        return;
      case op.if: {
        const type = this.#blockType(reader);
        this.#pop(i32, offset);
        this.#open(ifFrame, type, offset);
        return;
      }
      case op.else:
        this.#else(offset);
        return;
      case op.end:
        this.#end(offset);
        return;
      case op.br:
        this.#popAll(this.#labelTypes(reader.u32(), offset), offset);
        this.#die();
        return;
      case op.brIf: {
        const types = this.#labelTypes(reader.u32(), offset);
        this.#pop(i32, offset);
        this.#popAll(types, offset);
        this.#pushAll(types);
        return;
      }
      case op.brTable:
        this.#branchTable(reader, offset);
        return;
      case op.return:
        this.#popAll(this.#results, offset);
        this.#die();
        return;
      case op.call: {
        const type = this.#functionType(reader.u32(), offset);
        this.#popAll(type.params, offset);
        this.#pushAll(type.results);
        return;
      }
      case op.callIndirect: {
        const type = this.#typeAt(reader.u32(), offset);
        if (reader.u32() !== 0 || this.#draft.table === undefined)
          throw invalid('There is no such table.', offset);
        this.#pop(i32, offset);
        this.#popAll(type.params, offset);
        this.#pushAll(type.results);
        return;
      }
      case op.drop:
        this.#popAny(offset);
        return;
      case op.select: {
        this.#pop(i32, offset);
        const first = this.#popAny(offset);
        const second = this.#popAny(offset);
        if (first !== second && first !== unknown && second !== unknown)
          throw invalid('select has operands of two types.', offset);
        this.#pushOne(first === unknown ? second : first);
        return;
      }
      case op.selectTyped: {
        if (reader.u32() !== 1) throw invalid('select has several results.', offset);
        const type = readValueType(reader);
        this.#pop(i32, offset);
        this.#pop(type, offset);
        this.#pop(type, offset);
        this.#pushOne(type);
        return;
      }
      case op.localGet:
        this.#pushOne(this.#local(reader.u32(), offset));
        return;
      case op.localSet:
        this.#pop(this.#local(reader.u32(), offset), offset);
        return;
      case op.localTee: {
        const type = this.#local(reader.u32(), offset);
        this.#pop(type, offset);
        this.#pushOne(type);
        return;
      }
      case op.globalGet:
        this.#pushOne(this.#global(reader.u32(), offset).type);
        return;
      case op.globalSet: {
        const global = this.#global(reader.u32(), offset);
        if (!global.mutable) throw invalid('A constant global is set.', offset);
        this.#pop(global.type, offset);
        return;
      }
      case op.memorySize:
      case op.memoryGrow:
        this.#requireMemory(offset);
        if (reader.byte() !== 0)
          throw unsupported('The program has several memories.', 'Compile without -mmultimemory.', offset);
        if (opcode === op.memoryGrow) this.#draft.growsMemory = true;
        this.#simple(plainOpcodes, opcode, offset);
        return;
      case op.i32Const:
        reader.s32();
        this.#pushOne(i32);
        return;
      case op.i64Const:
        reader.skipS64();
        this.#pushOne(i64);
        return;
      case op.f32Const:
        reader.skip(4);
        this.#pushOne(f32);
        return;
      case op.f64Const:
        reader.skip(8);
        this.#pushOne(f64);
        return;
      case op.bulkPrefix:
        this.#bulk(reader, offset);
        return;
      case op.simdPrefix:
        this.#simd(reader, offset);
        return;
      default:
        throw refusedOpcode(opcode, offset);
    }
  }

  #simple(table: OpcodeTable, opcode: number, offset: number): void {
    const base = 4 * opcode;
    for (let k = (table.arity[opcode] as number) - 1; k >= 0; k--)
      this.#pop(table.types[base + k] as number, offset);
    const result = table.types[base + 3] as number;
    if (result !== 0) this.#pushOne(result);
  }

  #bulk(reader: ByteReader, offset: number): void {
    const opcode = reader.u32();
    if (opcode > 0xff || bulkOpcodes.immediates[opcode] === immediate.refused) {
      throw unsupported(
        'The program uses instructions on tables.',
        'Compile without -mreference-types.',
        offset,
      );
    }
    if (opcode === bulkOp.memoryInit || opcode === bulkOp.dataDrop) this.#dataIndex(reader, offset);
    const memories =
      opcode === bulkOp.memoryCopy ? 2 : opcode === bulkOp.memoryInit || opcode === bulkOp.memoryFill ? 1 : 0;
    for (let k = 0; k < memories; k++) {
      this.#requireMemory(offset);
      if (reader.byte() !== 0)
        throw unsupported('The program has several memories.', 'Compile without -mmultimemory.', offset);
    }
    this.#simple(bulkOpcodes, opcode, offset);
  }

  #dataIndex(reader: ByteReader, offset: number): void {
    const index = reader.u32();
    const count = this.#draft.dataCount;
    if (count === undefined) throw invalid('A data segment is named without a data count section.', offset);
    if (index >= count) throw invalid(`There is no data segment ${index}.`, offset);
  }

  #simd(reader: ByteReader, offset: number): void {
    const opcode = reader.u32();
    if (opcode > 0xff) {
      throw unsupported(
        'The program uses relaxed SIMD, whose results differ between machines.',
        'Compile without -mrelaxed-simd.',
        offset,
      );
    }
    const bound = simdOpcodes.bound[opcode] as number;
    switch (simdOpcodes.immediates[opcode]) {
      case immediate.none:
        break;
      case immediate.memory:
        this.#memoryArgument(reader, bound, offset);
        break;
      case immediate.memoryLane:
        this.#memoryArgument(reader, bound, offset);
        if (reader.byte() >= 16 >> bound) throw invalid('There is no such lane.', offset);
        break;
      case immediate.lane:
        if (reader.byte() >= bound) throw invalid('There is no such lane.', offset);
        break;
      case immediate.bytes16:
        if (opcode === shuffle) this.#shuffleLanes(reader, offset);
        else reader.skip(16);
        break;
      default:
        throw invalid(`There is no vector instruction ${opcode}.`, offset);
    }
    this.#simple(simdOpcodes, opcode, offset);
  }

  #shuffleLanes(reader: ByteReader, offset: number): void {
    for (let k = 0; k < 16; k++) if (reader.byte() >= 32) throw invalid('There is no such lane.', offset);
  }

  #memoryArgument(reader: ByteReader, alignmentMax: number, offset: number): void {
    this.#requireMemory(offset);
    const alignment = reader.u32();
    if (alignment >= 64)
      throw unsupported('The program has several memories.', 'Compile without -mmultimemory.', offset);
    if (alignment > alignmentMax) throw invalid('An access claims more alignment than it has bytes.', offset);
    reader.u32();
  }

  #requireMemory(offset: number): void {
    if (this.#draft.memory === undefined) throw invalid('There is no memory.', offset);
  }

  #branchTable(reader: ByteReader, offset: number): void {
    this.#pop(i32, offset);
    const count = reader.u32();
    const limit = this.#draft.limits.branchTableMax;
    if (count > limit)
      throw limitExceeded('entries in a br_table', count, limit, 'Split the switch.', offset);
    let arity = -1;
    for (let k = 0; k <= count; k++) {
      const types = this.#labelTypes(reader.u32(), offset);
      if (arity >= 0 && types.length !== arity)
        throw invalid('The labels of a br_table differ in arity.', offset);
      arity = types.length;
      this.#checkAll(types, offset);
    }
    this.#die();
  }

  #blockType(reader: ByteReader): BlockType {
    const offset = reader.pos;
    const value = reader.s33();
    if (value >= 0) {
      this.#typeAt(value, offset);
      return -1 - value;
    }
    if (value === -0x40) return 0;
    const type = value + 0x80;
    if (value >= -0x40 && isValueType(type)) return type;
    throw unsupported(
      'A block has a result that is not a number or vector.',
      'Compile without -mreference-types.',
      offset,
    );
  }

  #paramsOf(type: BlockType): Uint8Array {
    return type < 0 && type !== functionBlock
      ? (this.#draft.types[-1 - type] as FunctionType).params
      : noTypes;
  }

  #resultsOf(type: BlockType): Uint8Array {
    if (type === functionBlock) return this.#results;
    if (type < 0) return (this.#draft.types[-1 - type] as FunctionType).results;
    return type === 0 ? noTypes : (singleTypes[type] as Uint8Array);
  }

  #labelTypes(label: number, offset: number): Uint8Array {
    if (label >= this.#depth) throw invalid(`There is no label ${label}.`, offset);
    const frame = this.#depth - 1 - label;
    const type = this.#frames.type[frame] as number;
    return this.#frames.kind[frame] === loopFrame ? this.#paramsOf(type) : this.#resultsOf(type);
  }

  #open(kind: number, type: BlockType, offset: number): void {
    const params = this.#paramsOf(type);
    this.#popAll(params, offset);
    this.#push(kind, type, offset);
    this.#pushAll(params);
  }

  #push(kind: number, type: BlockType, offset: number): void {
    const limit = this.#draft.limits.nestingMax;
    if (this.#depth >= limit) {
      throw limitExceeded('blocks inside each other', this.#depth + 1, limit, 'Split the function.', offset);
    }
    const frames = this.#frames;
    frames.kind[this.#depth] = kind;
    frames.type[this.#depth] = type;
    frames.height[this.#depth] = this.#height;
    frames.unreachable[this.#depth] = 0;
    this.#depth++;
    if (this.#depth > this.#deepest) this.#deepest = this.#depth;
  }

  #else(offset: number): void {
    const frame = this.#depth - 1;
    if (this.#frames.kind[frame] !== ifFrame) throw invalid('else without if.', offset);
    const type = this.#frames.type[frame] as number;
    this.#leave(type, offset);
    this.#frames.kind[frame] = elseFrame;
    this.#frames.unreachable[frame] = 0;
    this.#pushAll(this.#paramsOf(type));
  }

  #end(offset: number): void {
    const frame = this.#depth - 1;
    const type = this.#frames.type[frame] as number;
    this.#leave(type, offset);
    const results = this.#resultsOf(type);
    if (this.#frames.kind[frame] === ifFrame && !sameTypes(this.#paramsOf(type), results)) {
      throw invalid('An if without else changes the stack.', offset);
    }
    this.#depth--;
    if (this.#depth > 0) this.#pushAll(results);
  }

  /** Takes the results of the innermost block and checks that nothing else is left. */
  #leave(type: BlockType, offset: number): void {
    this.#popAll(this.#resultsOf(type), offset);
    if (this.#height !== this.#frames.height[this.#depth - 1])
      throw invalid('A block leaves values behind.', offset);
  }

  #die(): void {
    this.#height = this.#frames.height[this.#depth - 1] as number;
    this.#frames.unreachable[this.#depth - 1] = 1;
  }

  #pushOne(type: number): void {
    if (this.#height === this.#operands.length) {
      const grown = new Uint8Array(2 * this.#height);
      grown.set(this.#operands);
      this.#operands = grown;
    }
    this.#operands[this.#height++] = type;
  }

  #pushAll(types: Uint8Array): void {
    for (let k = 0; k < types.length; k++) this.#pushOne(types[k] as number);
  }

  #popAny(offset: number): number {
    if (this.#height === this.#frames.height[this.#depth - 1]) {
      if (this.#frames.unreachable[this.#depth - 1] === 1) return unknown;
      throw invalid('An operand is missing.', offset);
    }
    return this.#operands[--this.#height] as number;
  }

  #pop(type: number, offset: number): void {
    const found = this.#popAny(offset);
    if (found !== type && found !== unknown && type !== unknown) {
      throw invalid(`An operand is ${valueTypeNames[found]} instead of ${valueTypeNames[type]}.`, offset);
    }
  }

  #popAll(types: Uint8Array, offset: number): void {
    for (let k = types.length - 1; k >= 0; k--) this.#pop(types[k] as number, offset);
  }

  /** Checks that the top of the stack has these types, and leaves it as it is. */
  #checkAll(types: Uint8Array, offset: number): void {
    const height = this.#frames.height[this.#depth - 1] as number;
    for (let k = 0; k < types.length; k++) {
      const at = this.#height - 1 - k;
      if (at < height) {
        if (this.#frames.unreachable[this.#depth - 1] === 1) return;
        throw invalid('An operand is missing.', offset);
      }
      const found = this.#operands[at] as number;
      if (found !== types[types.length - 1 - k] && found !== unknown)
        throw invalid('A label of br_table wants other types.', offset);
    }
  }

  #local(index: number, offset: number): number {
    if (index >= this.#localCount) throw invalid(`There is no local ${index}.`, offset);
    return this.#locals[index] as number;
  }

  #global(index: number, offset: number): { readonly type: number; readonly mutable: boolean } {
    const global = this.#draft.globals[index];
    if (global === undefined) throw invalid(`There is no global ${index}.`, offset);
    return global;
  }

  #typeAt(index: number, offset: number): FunctionType {
    const type = this.#draft.types[index];
    if (type === undefined) throw invalid(`There is no type ${index}.`, offset);
    return type;
  }

  #functionType(index: number, offset: number): FunctionType {
    const typeIndex = this.#draft.functionTypes[index];
    if (typeIndex === undefined) throw invalid(`There is no function ${index}.`, offset);
    return this.#typeAt(typeIndex, offset);
  }
}

/** The type of the function's own block: no parameters, the function's results. */
const functionBlock = -(2 ** 31);

const shuffle = 0x0d;

function sameTypes(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && left.every((type, k) => type === right[k]);
}

function refusedOpcode(opcode: number, offset: number): Error {
  if (opcode === 0xfe)
    return unsupported(
      'The program uses threads or atomics.',
      'Compile for one thread (no -pthread, no -matomics).',
      offset,
    );
  if (opcode === 0xfb)
    return unsupported('The program uses garbage-collected objects.', 'Compile for linear memory.', offset);
  if (opcode === 0x12 || opcode === 0x13)
    return unsupported('The program uses tail calls.', 'Compile without -mtail-call.', offset);
  if ([0x06, 0x07, 0x08, 0x09, 0x0a, 0x18, 0x19, 0x1f].includes(opcode)) {
    return unsupported(
      'The program uses exceptions.',
      'Compile without them (-fno-exceptions, panic=abort).',
      offset,
    );
  }
  if (
    (opcode >= 0xd0 && opcode <= 0xd6) ||
    opcode === 0x25 ||
    opcode === 0x26 ||
    opcode === 0x14 ||
    opcode === 0x15
  ) {
    return unsupported('The program uses reference values.', 'Compile without -mreference-types.', offset);
  }
  return malformed(`There is no instruction 0x${opcode.toString(16)}.`, offset);
}
