import { invalid, limitExceeded } from './admission-error.ts';
import type { AdmissionLimits } from './admission-limits.ts';
import { unknown, valueTypeNames } from './opcodes.ts';

/** The type of a block as one number: a value type, 0 for none, or minus one minus the index of a function type. */
export type BlockType = number;

/** The operand types and the open blocks of the code being validated, as columns of numbers. */
export class TypeStack {
  height = 0;
  depth = 0;
  /** Most blocks open at once since `clear`. */
  deepest = 0;
  readonly frames: { kind: Uint8Array; type: Int32Array; height: Int32Array; unreachable: Uint8Array };
  readonly #limits: AdmissionLimits;
  #locals = 0;
  /** Locals and operands at the starts of the blocks since `clear`. */
  #blockValues = 0;
  #operands = new Uint8Array(1024);

  constructor(limits: AdmissionLimits) {
    const size = limits.nestingMax + 1;
    this.#limits = limits;
    this.frames = {
      kind: new Uint8Array(size),
      type: new Int32Array(size),
      height: new Int32Array(size),
      unreachable: new Uint8Array(size),
    };
  }

  /** Begins a function with so many locals. */
  clear(locals: number): void {
    this.#locals = locals;
    this.#blockValues = 0;
    this.height = 0;
    this.depth = 0;
    this.deepest = 0;
  }

  open(kind: number, type: BlockType, offset: number): void {
    const limit = this.#limits.nestingMax;
    if (this.depth >= limit) {
      throw limitExceeded('blocks inside each other', this.depth + 1, limit, 'Split the function.', offset);
    }
    const frames = this.frames;
    frames.kind[this.depth] = kind;
    frames.type[this.depth] = type;
    frames.height[this.depth] = this.height;
    frames.unreachable[this.depth] = 0;
    this.depth++;
    if (this.depth > this.deepest) this.deepest = this.depth;
  }

  /** Counts the values that an engine keeps for a block that starts here. */
  countBlock(offset: number): void {
    this.#blockValues += this.#locals + this.height;
    const limit = this.#limits.blockValuesMax;
    if (this.#blockValues <= limit) return;
    const remedy = 'Split the function: it has too many locals for its many blocks.';
    throw limitExceeded('values at the starts of blocks', this.#blockValues, limit, remedy, offset);
  }

  die(): void {
    this.height = this.frames.height[this.depth - 1] as number;
    this.frames.unreachable[this.depth - 1] = 1;
  }

  push(type: number): void {
    if (this.height === this.#operands.length) {
      const grown = new Uint8Array(2 * this.height);
      grown.set(this.#operands);
      this.#operands = grown;
    }
    this.#operands[this.height++] = type;
  }

  pushAll(types: Uint8Array): void {
    for (let k = 0; k < types.length; k++) this.push(types[k] as number);
  }

  popAny(offset: number): number {
    if (this.height === this.frames.height[this.depth - 1]) {
      if (this.frames.unreachable[this.depth - 1] === 1) return unknown;
      throw invalid('An operand is missing.', offset);
    }
    return this.#operands[--this.height] as number;
  }

  pop(type: number, offset: number): void {
    const found = this.popAny(offset);
    if (found !== type && found !== unknown && type !== unknown) {
      throw invalid(`An operand is ${valueTypeNames[found]} instead of ${valueTypeNames[type]}.`, offset);
    }
  }

  popAll(types: Uint8Array, offset: number): void {
    for (let k = types.length - 1; k >= 0; k--) this.pop(types[k] as number, offset);
  }

  /** Checks that the top of the stack has these types, and leaves it as it is. */
  checkAll(types: Uint8Array, offset: number): void {
    const height = this.frames.height[this.depth - 1] as number;
    for (let k = 0; k < types.length; k++) {
      const at = this.height - 1 - k;
      if (at < height) {
        if (this.frames.unreachable[this.depth - 1] === 1) return;
        throw invalid('An operand is missing.', offset);
      }
      const found = this.#operands[at] as number;
      if (found !== types[types.length - 1 - k] && found !== unknown)
        throw invalid('A label of br_table wants other types.', offset);
    }
  }
}
