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
import { readMemoryArgument, readVectorImmediates } from './read-immediates.ts';
import { refusedOpcode } from './refused-opcode.ts';
import { readValueType } from './sections/types.ts';
import { type BlockType, TypeStack } from './type-stack.ts';

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
  readonly #stack: TypeStack;

  constructor(draft: ProgramDraft) {
    this.#draft = draft;
    this.#locals = new Uint8Array(draft.limits.localsMax + draft.limits.paramsMax);
    this.#stack = new TypeStack(draft.limits);
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
    this.#stack.clear(this.#localCount);
    this.#stack.open(blockFrame, functionBlock, reader.pos);
    while (this.#stack.depth > 0) {
      const offset = reader.pos;
      this.#instruction(reader, reader.byte(), offset);
    }
    if (reader.pos !== reader.end) throw malformed('Code follows the end of a function.', reader.pos);
    return this.#stack.deepest;
  }

  #instruction(reader: ByteReader, opcode: number, offset: number): void {
    const kind = plainOpcodes.immediates[opcode];
    if (kind === immediate.none) {
      this.#simple(plainOpcodes, opcode, offset);
      return;
    }
    if (kind === immediate.memory) {
      this.#requireMemory(offset);
      readMemoryArgument(reader, plainOpcodes.bound[opcode] as number, offset);
      this.#simple(plainOpcodes, opcode, offset);
      return;
    }
    switch (opcode) {
      case op.unreachable:
        this.#stack.die();
        return;
      case op.nop:
        return;
      case op.block:
      case op.loop:
        this.#open(opcode === op.loop ? loopFrame : blockFrame, this.#blockType(reader), offset);
        return;
      case op.if: {
        const type = this.#blockType(reader);
        this.#stack.pop(i32, offset);
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
        this.#stack.popAll(this.#labelTypes(reader.u32(), offset), offset);
        this.#stack.die();
        return;
      case op.brIf: {
        const types = this.#labelTypes(reader.u32(), offset);
        this.#stack.pop(i32, offset);
        this.#stack.popAll(types, offset);
        this.#stack.pushAll(types);
        return;
      }
      case op.brTable:
        this.#branchTable(reader, offset);
        return;
      case op.return:
        this.#stack.popAll(this.#results, offset);
        this.#stack.die();
        return;
      case op.call: {
        const type = this.#functionType(reader.u32(), offset);
        this.#stack.popAll(type.params, offset);
        this.#stack.pushAll(type.results);
        return;
      }
      case op.callIndirect: {
        const type = this.#typeAt(reader.u32(), offset);
        if (reader.u32() !== 0 || this.#draft.table === undefined)
          throw invalid('There is no such table.', offset);
        this.#stack.pop(i32, offset);
        this.#stack.popAll(type.params, offset);
        this.#stack.pushAll(type.results);
        return;
      }
      case op.drop:
        this.#stack.popAny(offset);
        return;
      case op.select: {
        this.#stack.pop(i32, offset);
        const first = this.#stack.popAny(offset);
        const second = this.#stack.popAny(offset);
        if (first !== second && first !== unknown && second !== unknown)
          throw invalid('select has operands of two types.', offset);
        this.#stack.push(first === unknown ? second : first);
        return;
      }
      case op.selectTyped: {
        if (reader.u32() !== 1) throw invalid('select has several results.', offset);
        const type = readValueType(reader);
        this.#stack.pop(i32, offset);
        this.#stack.pop(type, offset);
        this.#stack.pop(type, offset);
        this.#stack.push(type);
        return;
      }
      case op.localGet:
        this.#stack.push(this.#local(reader.u32(), offset));
        return;
      case op.localSet:
        this.#stack.pop(this.#local(reader.u32(), offset), offset);
        return;
      case op.localTee: {
        const type = this.#local(reader.u32(), offset);
        this.#stack.pop(type, offset);
        this.#stack.push(type);
        return;
      }
      case op.globalGet:
        this.#stack.push(this.#global(reader.u32(), offset).type);
        return;
      case op.globalSet: {
        const global = this.#global(reader.u32(), offset);
        if (!global.mutable) throw invalid('A constant global is set.', offset);
        this.#stack.pop(global.type, offset);
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
        this.#stack.push(i32);
        return;
      case op.i64Const:
        reader.skipS64();
        this.#stack.push(i64);
        return;
      case op.f32Const:
        reader.skip(4);
        this.#stack.push(f32);
        return;
      case op.f64Const:
        reader.skip(8);
        this.#stack.push(f64);
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
      this.#stack.pop(table.types[base + k] as number, offset);
    const result = table.types[base + 3] as number;
    if (result !== 0) this.#stack.push(result);
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
    const kind = simdOpcodes.immediates[opcode];
    if (kind === immediate.memory || kind === immediate.memoryLane) this.#requireMemory(offset);
    readVectorImmediates(reader, opcode, offset);
    this.#simple(simdOpcodes, opcode, offset);
  }

  #requireMemory(offset: number): void {
    if (this.#draft.memory === undefined) throw invalid('There is no memory.', offset);
  }

  #branchTable(reader: ByteReader, offset: number): void {
    this.#stack.pop(i32, offset);
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
      this.#stack.checkAll(types, offset);
    }
    this.#stack.die();
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
    if (label >= this.#stack.depth) throw invalid(`There is no label ${label}.`, offset);
    const frame = this.#stack.depth - 1 - label;
    const type = this.#stack.frames.type[frame] as number;
    return this.#stack.frames.kind[frame] === loopFrame ? this.#paramsOf(type) : this.#resultsOf(type);
  }

  #open(kind: number, type: BlockType, offset: number): void {
    const params = this.#paramsOf(type);
    this.#stack.popAll(params, offset);
    this.#stack.countBlock(offset);
    this.#stack.open(kind, type, offset);
    this.#stack.pushAll(params);
  }

  #else(offset: number): void {
    const frame = this.#stack.depth - 1;
    if (this.#stack.frames.kind[frame] !== ifFrame) throw invalid('else without if.', offset);
    const type = this.#stack.frames.type[frame] as number;
    this.#leave(type, offset);
    this.#stack.countBlock(offset);
    this.#stack.frames.kind[frame] = elseFrame;
    this.#stack.frames.unreachable[frame] = 0;
    this.#stack.pushAll(this.#paramsOf(type));
  }

  #end(offset: number): void {
    const frame = this.#stack.depth - 1;
    const type = this.#stack.frames.type[frame] as number;
    this.#leave(type, offset);
    const results = this.#resultsOf(type);
    if (this.#stack.frames.kind[frame] === ifFrame && !sameTypes(this.#paramsOf(type), results)) {
      throw invalid('An if without else changes the stack.', offset);
    }
    this.#stack.depth--;
    if (this.#stack.depth > 0) this.#stack.pushAll(results);
  }

  /** Takes the results of the innermost block and checks that nothing else is left. */
  #leave(type: BlockType, offset: number): void {
    this.#stack.popAll(this.#resultsOf(type), offset);
    if (this.#stack.height !== this.#stack.frames.height[this.#stack.depth - 1])
      throw invalid('A block leaves values behind.', offset);
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

function sameTypes(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && left.every((type, k) => type === right[k]);
}
