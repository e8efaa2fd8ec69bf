/**
 * Recognises loops whose iterations can be computed after the loop from a counter, so that the loop itself needs no
 * metering at all. A loop qualifies when it has no parameters and results, nothing leaves it past its end, its label is
 * the target of exactly one branch, the `br_if 0` right before its `end`, and before that stands one of
 *
 *     SUM, tee i                                            (until i is 0)
 *     SUM, tee i, i32.eqz                                   (while i is 0)
 *     SUM, tee i, BOUND, COMPARE
 *     BOUND, SUM, tee i, COMPARE
 *     SUM, tee j, set i, get j, BOUND, COMPARE              and the like with `set i, get i`
 *
 * where SUM is `local.get i, i32.const c, i32.add` (or i32.sub), c not 0, BOUND is `local.get n` or `i32.const n`,
 * COMPARE any comparison of two i32, i is set nowhere else in the loop, and n nowhere.
 *
 * Why the count is exact. Every iteration adds c to i once, so after T iterations i = start + T·c modulo 2^32. Let
 * c = odd · 2^k. The values of i repeat after exactly 2^(32−k) iterations and are distinct before. Whether the loop goes on
 * depends on i alone, since n does not move: a loop that has gone through all values without ending never ends. So T is in
 * 1 … 2^(32−k), and the value e of i after the loop tells which: T − 1 = ((e − start − c) / 2^k) · odd⁻¹ modulo 2^(32−k),
 * with odd⁻¹ the inverse of odd modulo 2^32, whatever wraps around. A test that looks at anything else could let i pass
 * its start many times, and the program would have its iterations for nothing: that is why the shapes are so strict.
 */

import { CodeCursor } from '../code-cursor.ts';
import { op } from '../opcodes.ts';
import type { AdmittedProgram, FunctionBody } from '../program.ts';

export class CountedLoopFinder {
  /** The counting local of the loop that `recognise` has accepted. */
  counter = 0;
  /** What each iteration adds to it, not 0. */
  step = 0;
  readonly #program: AdmittedProgram;
  readonly #cursor: CodeCursor;
  /** Opcodes and places of the last live instructions. */
  readonly #opcodes = new Uint8Array(remembered);
  readonly #places = new Int32Array(remembered);
  #count = 0;
  /** Places of the last two instructions that set each local of this function. */
  #lastSet = new Int32Array(256);
  #setBefore = new Int32Array(256);

  constructor(program: AdmittedProgram) {
    this.#program = program;
    this.#cursor = new CodeCursor(program.bytes);
  }

  beginBody(body: FunctionBody, index: number): void {
    const program = this.#program;
    const typeIndex = program.functionTypes[program.imports.length + index] as number;
    const locals = (program.types[typeIndex]?.params.length ?? 0) + body.declaredLocals;
    if (locals > this.#lastSet.length) {
      this.#lastSet = new Int32Array(2 * locals);
      this.#setBefore = new Int32Array(2 * locals);
    }
    this.#lastSet.fill(-1, 0, locals);
    this.#setBefore.fill(-1, 0, locals);
    this.#opcodes.fill(op.unreachable);
  }

  /** Notes a live instruction. */
  note(opcode: number, place: number): void {
    const at = this.#count++ & (remembered - 1);
    this.#opcodes[at] = opcode;
    this.#places[at] = place;
  }

  /** Notes a live instruction that sets a local. */
  noteSet(local: number, place: number): void {
    this.#setBefore[local] = this.#lastSet[local] as number;
    this.#lastSet[local] = place;
  }

  /** Whether the loop that began at `start` and ends with the instruction noted last is counted. */
  recognise(start: number, branches: number): boolean {
    if (branches !== 1 || this.#opcode(1) !== op.brIf || this.#operand(1) !== 0) return false;
    if (this.#opcode(2) === op.localTee) return this.#accept(start, 2, 2, -1);
    if (this.#opcode(2) === op.i32Eqz) return this.#isTee(3) && this.#accept(start, 3, 3, -1);
    if (!isComparison(this.#opcode(2))) return false;
    // The bound behind the sum, or before it.
    if (this.#isTee(3) && this.#isBound(7)) return this.#accept(start, 3, 3, 7);
    if (!this.#isBound(3)) return false;
    if (this.#isTee(4)) return this.#accept(start, 4, 4, 3);
    // The counter is set by itself, and what is compared is it or its copy.
    if (this.#opcode(4) !== op.localGet || this.#opcode(5) !== op.localSet) return false;
    if (this.#isTee(6) && this.#operand(6) === this.#operand(4)) return this.#accept(start, 6, 5, 3);
    return this.#operand(5) === this.#operand(4) && this.#accept(start, 5, 5, 3);
  }

  /**
   * Checks the sum that ends before the instruction `after` back, and that neither counter nor bound is set elsewhere.
   * `set` is the instruction that sets the counter, `bound` the one that gives the bound, or -1.
   */
  #accept(start: number, after: number, set: number, bound: number): boolean {
    const sum = this.#opcode(after + 1);
    if (sum !== op.i32Add && sum !== op.i32Sub) return false;
    if (this.#opcode(after + 2) !== op.i32Const || this.#opcode(after + 3) !== op.localGet) return false;
    const counter = this.#operand(set);
    if (this.#operand(after + 3) !== counter) return false;
    if (this.#lastSet[counter] !== this.#place(set) || (this.#setBefore[counter] as number) >= start)
      return false;
    const moves =
      bound > 0 &&
      this.#opcode(bound) === op.localGet &&
      (this.#lastSet[this.#operand(bound)] as number) >= start;
    if (moves) return false;
    this.#cursor.pos = this.#place(after + 2) + 1;
    const constant = this.#cursor.s32();
    this.counter = counter;
    this.step = sum === op.i32Add ? constant : -constant | 0;
    return this.step !== 0;
  }

  #isTee(back: number): boolean {
    return this.#opcode(back) === op.localTee;
  }

  #isBound(back: number): boolean {
    const opcode = this.#opcode(back);
    return opcode === op.localGet || opcode === op.i32Const;
  }

  #opcode(back: number): number {
    return this.#opcodes[(this.#count - 1 - back) & (remembered - 1)] as number;
  }

  #place(back: number): number {
    return this.#places[(this.#count - 1 - back) & (remembered - 1)] as number;
  }

  #operand(back: number): number {
    this.#cursor.pos = this.#place(back) + 1;
    return this.#cursor.u32();
  }
}

/** Instructions looked back upon; a power of two. */
const remembered = 16;

function isComparison(opcode: number): boolean {
  return opcode >= op.i32Eq && opcode <= op.i32GeU;
}
