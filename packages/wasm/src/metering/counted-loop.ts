/**
 * Recognises loops whose iterations can be computed after the loop from a counter, so that the loop itself needs no
 * metering at all. A loop qualifies when it has no parameters and results, nothing leaves it past its end, its label is
 * the target of exactly one branch, the `br_if 0` right before its `end`, and before that stands one of
 *
 *     local.get i, i32.const c, i32.add, local.tee i                                   (until i is 0)
 *     local.get i, i32.const c, i32.add, local.tee i, local.get n | i32.const n, i32.ne
 *     local.get n | i32.const n, local.get i, i32.const c, i32.add, local.tee i, i32.ne
 *
 * (or i32.sub for i32.add) where i is set nowhere else in the loop, n nowhere, and |c| is a power of two.
 *
 * Why the count is exact. Every iteration adds c to i once, so after T iterations i = start + T·c modulo 2^32, and the
 * loop ends at the first T ≥ 1 for which that is n. Since |c| divides 2^32, the values repeat after exactly 2^32/|c|
 * steps and are distinct before, so the first T is (n − start)/c taken modulo 2^32/|c| in 1 … 2^32/|c|, which is
 * ((n − start − c) mod 2^32)/|c| + 1 for positive c, and with both differences turned around for negative c; n is what
 * i holds after the loop. If n − start is no multiple of c the loop never ends, and nothing is charged or reported.
 * With another exit test the program could make i pass n several times and have its iterations for nothing: that is why
 * the test must be i = n.
 */

import { CodeCursor } from '../code-cursor.ts';
import { op } from '../opcodes.ts';
import type { AdmittedProgram, FunctionBody } from '../program.ts';

export class CountedLoopFinder {
  /** The counting local of the loop that `recognise` has accepted. */
  counter = 0;
  /** Its step, a power of two, positive or negative. */
  step = 0;
  readonly #program: AdmittedProgram;
  readonly #cursor: CodeCursor;
  /** Opcodes and places of the last eight live instructions. */
  readonly #opcodes = new Uint8Array(8);
  readonly #places = new Int32Array(8);
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
    const at = this.#count++ & 7;
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
    if (this.#opcode(2) === op.localTee) return this.#accept(start, 2, -1);
    if (this.#opcode(2) !== op.i32Ne) return false;
    if (this.#opcode(4) === op.localTee && this.#isBound(3)) return this.#accept(start, 4, 3);
    if (this.#opcode(3) === op.localTee && this.#isBound(7)) return this.#accept(start, 3, 7);
    return false;
  }

  /** Checks the addition that ends `tee` instructions back, and that neither counter nor bound is set elsewhere. */
  #accept(start: number, tee: number, bound: number): boolean {
    const sum = this.#opcode(tee + 1);
    if (sum !== op.i32Add && sum !== op.i32Sub) return false;
    if (this.#opcode(tee + 2) !== op.i32Const || this.#opcode(tee + 3) !== op.localGet) return false;
    const counter = this.#operand(tee);
    if (this.#operand(tee + 3) !== counter) return false;
    if (this.#lastSet[counter] !== this.#place(tee) || (this.#setBefore[counter] as number) >= start)
      return false;
    if (
      bound > 0 &&
      this.#opcode(bound) === op.localGet &&
      (this.#lastSet[this.#operand(bound)] as number) >= start
    )
      return false;
    this.#cursor.pos = this.#place(tee + 2) + 1;
    const constant = this.#cursor.s32();
    const step = sum === op.i32Add ? constant : -constant | 0;
    if (!isPowerOfTwo(step)) return false;
    this.counter = counter;
    this.step = step;
    return true;
  }

  #isBound(back: number): boolean {
    const opcode = this.#opcode(back);
    return opcode === op.localGet || opcode === op.i32Const;
  }

  #opcode(back: number): number {
    return this.#opcodes[(this.#count - 1 - back) & 7] as number;
  }

  #place(back: number): number {
    return this.#places[(this.#count - 1 - back) & 7] as number;
  }

  #operand(back: number): number {
    this.#cursor.pos = this.#place(back) + 1;
    return this.#cursor.u32();
  }
}

function isPowerOfTwo(step: number): boolean {
  const size = Math.abs(step);
  return size !== 0 && (size & (size - 1)) === 0;
}
