/**
 * Makes valid modules at random, shaped after what the rewriter has to get right: blocks that are left in every way,
 * loops that look counted and are, or only look so, calls up and down the call graph and through the table, code that
 * is never reached, exits out of the depth, bulk instructions, growth, and floats whose NaN may become visible.
 */
import { encodeModule, signed, unsigned } from './encode.ts';
import { Random } from './random.ts';
import { vectorOpcodes } from './vector-opcodes.ts';

const [i32, i64, f32, f64, v128] = [0x7f, 0x7e, 0x7d, 0x7c, 0x7b];

/** `hidden`: the bits of floats never become visible, so any engine's result is the one result. */
export type FloatUse = 'none' | 'hidden' | 'visible';

interface Label {
  /** Types that a branch carries. */
  readonly types: readonly number[];
  readonly isLoop: boolean;
}

interface Signature {
  readonly params: readonly number[];
  readonly results: readonly number[];
}

/** A command module: exports `_start` and `memory`, imports `proc_exit` and `sched_yield`. */
export function generateModule(seed: number, floats: FloatUse): Uint8Array {
  return new Generator(seed, floats).module();
}

class Generator {
  readonly #random: Random;
  readonly #floats: FloatUse;
  readonly #types: Signature[] = [
    { params: [i32], results: [] },
    { params: [], results: [i32] },
    { params: [], results: [] },
  ];
  readonly #signatures: Signature[] = [];
  readonly #table: number[] = [];
  readonly #globals: number[];
  readonly #valueTypes: number[];
  // Of the function being made:
  #code: number[] = [];
  #locals: number[] = [];
  #reserved = new Set<number>();
  #labels: Label[] = [];
  #results: readonly number[] = [];
  #calls = true;
  #size = 0;

  constructor(seed: number, floats: FloatUse) {
    this.#random = new Random(seed);
    this.#floats = floats;
    this.#valueTypes =
      floats === 'none'
        ? [i32, i32, i64]
        : floats === 'hidden'
          ? [i32, i32, i64, f32, f64]
          : [i32, i64, f32, f64, v128];
    this.#globals = [
      i32,
      i64,
      ...(floats === 'none' ? [] : [f32, f64]),
      ...(floats === 'visible' ? [v128] : []),
    ];
  }

  module(): Uint8Array {
    const random = this.#random;
    const count = 1 + random.below(5);
    for (let k = 0; k < count; k++) {
      const params = [i32, ...this.#someTypes(3)];
      this.#signatures.push({ params, results: this.#someTypes(random.chance(15) ? 3 : 2) });
    }
    for (let k = 0; k < 3; k++) this.#table.push(imports + random.below(count));
    const functions = this.#signatures.map((signature, k) => this.#function(signature, k === count - 1));
    functions.push(this.#start());
    return encodeModule({
      types: this.#types,
      imports: [
        { name: 'proc_exit', type: 0 },
        { name: 'sched_yield', type: 1 },
      ],
      functions,
      table: this.#table,
      memory: { min: 1, max: 3 },
      globals: this.#globals.map((type) => ({ type, init: zeroOf(type) })),
      exports: [
        { name: 'memory', kind: 2, index: 0 },
        { name: '_start', kind: 0, index: imports + count },
      ],
      data: Array.from({ length: 64 }, () => random.below(256)),
    });
  }

  #someTypes(countMax: number): number[] {
    return Array.from({ length: this.#random.below(countMax) }, () => this.#random.pick(this.#valueTypes));
  }

  #function(signature: Signature, leaf: boolean): { type: number; locals: number[]; code: number[] } {
    const declared = Array.from({ length: this.#random.below(this.#random.chance(10) ? 40 : 6) }, () =>
      this.#random.pick(this.#valueTypes),
    );
    this.#begin(signature, declared);
    this.#calls = !leaf || this.#random.chance(50);
    if (this.#calls) {
      // The first parameter bounds the depth of recursion.
      this.#emit(0x20, 0, 0x41, 0, 0x4c, 0x04, 0x40);
      for (const type of signature.results) this.#emit(...this.#constant(type));
      this.#emit(0x0f, 0x0b);
    }
    this.#body(signature.results, 3);
    return {
      type: this.#typeOf(signature),
      locals: this.#locals.slice(signature.params.length),
      code: this.#code,
    };
  }

  #start(): { type: number; locals: number[]; code: number[] } {
    this.#begin({ params: [], results: [] }, [i32, ...this.#someTypes(4)]);
    this.#calls = true;
    this.#emit(0x41, 1 + this.#random.below(3), 0x21, 0);
    this.#reserved.add(0);
    this.#body([], 3);
    this.#signatures.forEach((_, k) => {
      this.#call(k, false);
    });
    return { type: 2, locals: this.#locals.slice(), code: this.#code };
  }

  #begin(signature: Signature, declared: number[]): void {
    this.#code = [];
    this.#locals = [...signature.params, ...declared];
    this.#reserved = new Set([0]);
    this.#labels = [{ types: signature.results, isLoop: false }];
    this.#results = signature.results;
    this.#size = 0;
  }

  #emit(...bytes: number[]): void {
    this.#code.push(...bytes);
    this.#size++;
  }

  /** Statements, then values of the given types, or a jump and code that is never reached. */
  #body(results: readonly number[], depth: number): void {
    for (let count = this.#random.below(5); count > 0; count--) this.#statement(depth);
    if (this.#random.chance(15)) {
      this.#jump(depth);
      if (this.#random.chance(50)) this.#unreached(results);
      return;
    }
    for (const type of results) this.#expression(type, 2);
  }

  #statement(depth: number): void {
    if (this.#size > 800) return;
    const random = this.#random;
    const kind = random.below(24);
    if (depth > 0 && kind < 3) this.#block(depth);
    else if (depth > 0 && kind < 6) this.#if(depth);
    else if (depth > 0 && kind < 8) this.#countedLoop(depth);
    else if (depth > 0 && kind < 10) this.#loop(depth);
    else if (kind < 13) this.#setLocal();
    else if (kind === 13) this.#setGlobal();
    else if (kind < 16) this.#store();
    else if (kind < 18) this.#branchIf();
    else if (kind === 18 && this.#calls) this.#call(random.below(this.#signatures.length), true);
    else if (kind === 19 && this.#calls) this.#callIndirect();
    else if (kind === 20) this.#bulk();
    else if (kind === 21 && random.chance(40)) this.#grow();
    else if (kind === 22 && random.chance(30)) this.#exit();
    else if (kind === 22) this.#emit(0x10, 1, 0x1a);
    else {
      this.#expression(random.pick(this.#valueTypes), 2);
      this.#emit(0x1a);
    }
  }

  #block(depth: number): void {
    const results = this.#someTypes(3);
    this.#emit(0x02, ...this.#blockType([], results));
    this.#labels.push({ types: results, isLoop: false });
    this.#body(results, depth - 1);
    this.#close(results);
  }

  #if(depth: number): void {
    const results = this.#random.chance(60) ? [] : this.#someTypes(3);
    this.#expression(i32, 2);
    this.#emit(0x04, ...this.#blockType([], results));
    this.#labels.push({ types: results, isLoop: false });
    this.#body(results, depth - 1);
    if (results.length > 0 || this.#random.chance(50)) {
      this.#emit(0x05);
      this.#body(results, depth - 1);
    }
    this.#close(results);
  }

  #close(results: readonly number[]): void {
    this.#labels.pop();
    this.#emit(0x0b);
    for (let k = 0; k < results.length; k++) this.#emit(0x1a);
  }

  /** A loop in one of the shapes that are counted, sometimes spoilt. */
  #countedLoop(depth: number): void {
    const random = this.#random;
    const counter = this.#fresh(i32);
    const bound = this.#fresh(i32);
    const step = random.pick([1, 1, 1, 2, 4, -1, -1, -2, 8, 3, -3, 5, 12, -24, 40]);
    const times = 1 + random.below(6);
    const shape = random.below(7);
    const start = shape === 0 ? -step * times : random.below(2000) - 1000;
    this.#emit(0x41, ...signed(BigInt(start)), 0x21, ...unsigned(counter));
    this.#emit(0x41, ...signed(BigInt(start + step * times)), 0x21, ...unsigned(bound));
    this.#emit(0x03, 0x40);
    this.#labels.push({ types: [], isLoop: true });
    for (let count = random.below(4); count > 0; count--) this.#statement(depth - 1);
    if (random.chance(10)) this.#emit(0x20, ...unsigned(counter), 0x21, ...unsigned(counter));
    const boundValue = random.chance(50)
      ? [0x20, ...unsigned(bound)]
      : [0x41, ...signed(BigInt(start + step * times))];
    const sum = random.chance(70)
      ? [0x41, ...signed(BigInt(step)), 0x6a]
      : [0x41, ...signed(BigInt(-step)), 0x6b];
    const summed = [0x20, ...unsigned(counter), ...sum];
    const advance = [...summed, 0x22, ...unsigned(counter)];
    // Not equal, and the orders that hold until the bound: signed, with the operands as they stand, or now and then any.
    const compare = random.chance(5) ? 0x46 + random.below(10) : random.pick([0x47, ...ordersOf(step > 0)]);
    const mirrored = random.pick([0x47, ...ordersOf(step < 0)]);
    if (shape === 0) this.#emit(...advance);
    else if (shape === 1) this.#emit(...boundValue, ...advance, mirrored);
    else if (shape === 2) this.#emit(...advance, 0x45);
    else if (shape === 3) this.#emit(...this.#copied(summed, counter), ...boundValue, compare);
    else if (shape === 4)
      this.#emit(...summed, 0x21, ...unsigned(counter), 0x20, ...unsigned(counter), ...boundValue, compare);
    else this.#emit(...advance, ...boundValue, compare);
    this.#emit(0x0d, 0);
    if (random.chance(10)) this.#statement(0);
    this.#labels.pop();
    this.#emit(0x0b);
  }

  /** The counter set by way of another local, which is what is then compared. */
  #copied(summed: readonly number[], counter: number): number[] {
    const copy = unsigned(this.#fresh(i32));
    return [...summed, 0x22, ...copy, 0x21, ...unsigned(counter), 0x20, ...copy];
  }

  /** A loop that is left at its start, with a parameter on the stack now and then. */
  #loop(depth: number): void {
    const random = this.#random;
    const counter = this.#fresh(i32);
    this.#emit(0x41, 1 + random.below(5), 0x21, ...unsigned(counter));
    const carried = random.chance(30) ? [random.pick(this.#valueTypes)] : [];
    for (const type of carried) this.#expression(type, 1);
    this.#emit(0x02, ...this.#blockType(carried, carried), 0x03, ...this.#blockType(carried, carried));
    this.#labels.push({ types: carried, isLoop: false }, { types: carried, isLoop: true });
    this.#emit(0x20, ...unsigned(counter), 0x45, 0x0d, 1);
    this.#emit(0x20, ...unsigned(counter), 0x41, 1, 0x6b, 0x21, ...unsigned(counter));
    for (const _ of carried) this.#emit(0x1a);
    for (let count = random.below(4); count > 0; count--) this.#statement(depth - 1);
    for (const type of carried) this.#expression(type, 1);
    this.#emit(0x0c, 0);
    if (random.chance(20)) this.#unreached(carried);
    this.#labels.length -= 2;
    this.#emit(0x0b, 0x0b);
    for (const _ of carried) this.#emit(0x1a);
  }

  #branchIf(): void {
    const depth = this.#forwardLabel();
    if (depth < 0) return;
    const { types } = this.#labels[this.#labels.length - 1 - depth] as Label;
    for (const type of types) this.#expression(type, 1);
    this.#expression(i32, 2);
    this.#emit(0x0d, ...unsigned(depth));
    for (const _ of types) this.#emit(0x1a);
  }

  /** br, br_table, return or, rarely, a trap. */
  #jump(_depth: number): void {
    const random = this.#random;
    const depth = this.#forwardLabel();
    const kind = random.below(10);
    if (kind === 0 && random.chance(20)) this.#emit(0x00);
    else if (kind < 4 || depth < 0) {
      for (const type of this.#results) this.#expression(type, 1);
      this.#emit(0x0f);
    } else {
      const { types } = this.#labels[this.#labels.length - 1 - depth] as Label;
      for (const type of types) this.#expression(type, 1);
      if (kind < 7) this.#emit(0x0c, ...unsigned(depth));
      else {
        const same = this.#labels.flatMap((label, k) =>
          label.isLoop || String(label.types) !== String(types) ? [] : [this.#labels.length - 1 - k],
        );
        this.#expression(i32, 1);
        const targets = Array.from({ length: random.below(4) }, () => random.pick(same));
        this.#emit(0x0e, ...unsigned(targets.length), ...targets.flatMap(unsigned), ...unsigned(depth));
      }
    }
  }

  /** Valid code behind a jump: the operand stack is whatever it wants. */
  #unreached(results: readonly number[]): void {
    const junk = [
      [0x6a, 0x1a],
      [0x0f],
      [0x0c, 0],
      [0x02, 0x40, 0x0b],
      [0x03, 0x40, 0x0c, 0, 0x0b],
      [0x41, 0, 0x04, 0x40, 0x05, 0x0b],
      [0x10, 0],
      [0xa0, 0x1a],
      [0x1b, 0x1a],
      [0x41, 1, 0x40, 0, 0x1a],
    ];
    for (let count = this.#random.below(4); count > 0; count--) this.#emit(...this.#random.pick(junk));
    if (this.#random.chance(50)) for (const type of results) this.#emit(...this.#constant(type));
    else this.#emit(0x00);
  }

  #forwardLabel(): number {
    const depths = this.#labels.flatMap((label, k) => (label.isLoop ? [] : [this.#labels.length - 1 - k]));
    return depths.length === 0 ? -1 : this.#random.pick(depths);
  }

  #setLocal(): void {
    const choices = this.#locals.flatMap((_, k) => (this.#reserved.has(k) ? [] : [k]));
    if (choices.length === 0) return;
    const local = this.#random.pick(choices);
    this.#expression(this.#locals[local] as number, 3);
    if (this.#random.chance(70)) this.#emit(0x21, ...unsigned(local));
    else this.#emit(0x22, ...unsigned(local), 0x1a);
  }

  #setGlobal(): void {
    const index = this.#random.below(this.#globals.length);
    this.#expression(this.#globals[index] as number, 2);
    this.#emit(0x24, index);
  }

  #store(): void {
    const visible = this.#floats === 'visible';
    const type = this.#random.pick(visible ? [i32, i64, f32, f64, v128] : [i32, i64]);
    this.#address();
    this.#expression(type, 3);
    if (type === i32) this.#emit(this.#random.pick([0x36, 0x3a, 0x3b]), 0, this.#random.below(64));
    else if (type === i64) this.#emit(this.#random.pick([0x37, 0x3c, 0x3d, 0x3e]), 0, this.#random.below(64));
    else if (type === f32) this.#emit(0x38, 0, this.#random.below(64));
    else if (type === f64) this.#emit(0x39, 0, this.#random.below(64));
    else if (this.#random.chance(70)) this.#emit(0xfd, 0x0b, 0, this.#random.below(64));
    else {
      const [opcode, lanes] = this.#random.pick(vectorOpcodes.loadLane);
      this.#emit(0xfd, opcode + 4, 0, this.#random.below(64), this.#random.below(lanes));
    }
  }

  #address(): void {
    this.#expression(i32, 1);
    this.#emit(0x41, ...signed(0xff8n), 0x71);
  }

  #call(index: number, guarded: boolean): void {
    const signature = this.#signatures[index] as Signature;
    this.#arguments(signature, guarded);
    this.#emit(0x10, ...unsigned(imports + index));
    for (const _ of signature.results) this.#emit(0x1a);
  }

  #callIndirect(): void {
    const entry = this.#random.below(this.#table.length);
    const signature = this.#signatures[(this.#table[entry] as number) - imports] as Signature;
    this.#arguments(signature, true);
    this.#emit(0x41, entry, 0x11, ...unsigned(this.#typeOf(signature)), 0);
    for (const _ of signature.results) this.#emit(0x1a);
  }

  /** The depth that is left, one less; then values. */
  #arguments(signature: Signature, less: boolean): void {
    this.#emit(0x20, 0);
    if (less) this.#emit(0x41, 1, 0x6b);
    for (const type of signature.params.slice(1)) this.#expression(type, 1);
  }

  #bulk(): void {
    const random = this.#random;
    const length = random.below(100);
    const kind = random.below(3);
    this.#address();
    if (kind === 0) {
      this.#expression(i32, 1);
      this.#emit(0x41, ...signed(BigInt(length)), 0xfc, 11, 0);
    } else if (kind === 1) {
      this.#address();
      this.#emit(0x41, ...signed(BigInt(length)), 0xfc, 10, 0, 0);
    } else {
      this.#emit(0x41, random.below(30), 0x41, random.below(30), 0xfc, 8, 0, 0);
      if (random.chance(3)) this.#emit(0xfc, 9, 0);
    }
  }

  #grow(): void {
    this.#emit(0x41, ...signed(BigInt(this.#random.pick([0, 1, 1, 100_000, -1]))), 0x40, 0, 0x1a);
  }

  #exit(): void {
    this.#expression(i32, 2);
    this.#emit(0x41, 15, 0x71, 0x45, 0x04, 0x40, 0x41, this.#random.below(60), 0x10, 0, 0x0b);
  }

  #expression(type: number, depth: number): void {
    const random = this.#random;
    const locals = this.#locals.flatMap((t, k) => (t === type ? [k] : []));
    const globals = this.#globals.flatMap((t, k) => (t === type ? [k] : []));
    if (depth === 0 || this.#size > 900 || random.chance(25)) {
      const kind = random.below(4);
      if (kind < 2 && locals.length > 0) this.#emit(0x20, ...unsigned(random.pick(locals)));
      else if (kind === 2 && globals.length > 0) this.#emit(0x23, random.pick(globals));
      else this.#emit(...this.#constant(type));
      return;
    }
    const sub = (...types: number[]) => {
      for (const t of types) this.#expression(t, depth - 1);
    };
    if (random.chance(8)) {
      sub(type, type, i32);
      this.#emit(...(random.chance(50) || type === v128 ? [0x1c, 1, type] : [0x1b]));
      return;
    }
    if (type === i32) this.#integer32(sub);
    else if (type === i64) this.#integer64(sub);
    else if (type === v128) this.#vector(sub);
    else this.#float(type, sub);
  }

  #integer32(sub: (...types: number[]) => void): void {
    const random = this.#random;
    const kind = random.below({ none: 8, hidden: 12, visible: 14 }[this.#floats]);
    const binary = (t: number, opcodes: number[]) => {
      sub(t, t);
      this.#emit(random.pick(opcodes));
    };
    if (kind < 3) binary(i32, [0x6a, 0x6b, 0x6c, 0x71, 0x72, 0x73, 0x74, 0x75, 0x76, 0x77]);
    else if (kind === 3) binary(i32, [0x46, 0x47, 0x48, 0x49, 0x4a, 0x4e]);
    else if (kind === 4) binary(i64, [0x51, 0x52, 0x53, 0x54]);
    else if (kind === 5) {
      sub(i32);
      this.#emit(random.pick([0x45, 0x67, 0x68, 0x69, 0xc0, 0xc1]));
    } else if (kind === 6) {
      this.#address();
      this.#emit(random.pick([0x28, 0x2c, 0x2d, 0x2e, 0x2f]), 0, random.below(64));
    } else if (kind === 7) {
      // A division that seldom traps.
      sub(i32, i32);
      this.#emit(0x41, 7, 0x72, random.pick([0x6e, 0x70]));
    } else if (kind === 8) binary(f32, [0x5b, 0x5d, 0x5e]);
    else if (kind === 9) binary(f64, [0x61, 0x63, 0x64]);
    else if (kind === 10 || this.#floats !== 'visible') {
      sub(f64);
      this.#emit(0xfc, random.pick([2, 3]));
    } else if (kind === 11) {
      sub(f32);
      this.#emit(0xbc);
    } else if (kind === 12) {
      sub(v128);
      this.#emit(0xfd, ...unsigned(random.pick(vectorOpcodes.test)));
    } else {
      const [opcode, lanes] = random.pick(vectorOpcodes.extract);
      sub(v128);
      this.#emit(0xfd, opcode, random.below(lanes));
    }
  }

  #integer64(sub: (...types: number[]) => void): void {
    const random = this.#random;
    const kind = random.below(this.#floats === 'none' ? 5 : 7);
    if (kind < 3) {
      sub(i64, i64);
      this.#emit(random.pick([0x7c, 0x7d, 0x7e, 0x83, 0x84, 0x85, 0x86, 0x88]));
    } else if (kind === 3) {
      sub(i32);
      this.#emit(random.pick([0xac, 0xad]));
    } else if (kind === 4) {
      this.#address();
      this.#emit(random.pick([0x29, 0x30, 0x35]), 0, random.below(64));
    } else if (kind === 5 || this.#floats !== 'visible') {
      sub(f32);
      this.#emit(0xfc, random.pick([4, 5]));
    } else {
      sub(f64);
      this.#emit(0xbd);
    }
  }

  #float(type: number, sub: (...types: number[]) => void): void {
    const random = this.#random;
    const wide = type === f64;
    const kind = random.below(9);
    if (kind < 4) {
      sub(type, type);
      this.#emit((wide ? 0xa0 : 0x92) + random.below(6));
    } else if (kind === 4) {
      sub(type);
      this.#emit((wide ? 0x99 : 0x8b) + random.below(7));
    } else if (kind === 5) {
      sub(wide ? f32 : f64);
      this.#emit(wide ? 0xbb : 0xb6);
    } else if (kind === 6) {
      sub(i32);
      this.#emit(wide ? 0xb7 : 0xb2);
    } else if (kind === 7 && this.#floats === 'visible') {
      sub(type, type);
      this.#emit(wide ? 0xa6 : 0x98);
    } else if (this.#floats === 'visible' && random.chance(40)) {
      sub(v128);
      this.#emit(0xfd, wide ? 0x21 : 0x1f, random.below(wide ? 2 : 4));
    } else {
      this.#address();
      this.#emit(wide ? 0x2b : 0x2a, 0, random.below(64));
    }
  }

  #vector(sub: (...types: number[]) => void): void {
    const random = this.#random;
    const simd = (opcode: number) => this.#emit(0xfd, ...unsigned(opcode));
    const kind = random.below(12);
    if (kind < 3) {
      sub(v128, v128);
      simd(
        random.pick([
          0xe4, 0xe5, 0xe6, 0xe7, 0xe8, 0xe9, 0xea, 0xeb, 0xf0, 0xf1, 0xf2, 0xf3, 0xf4, 0xf5, 0xf6, 0xf7,
        ]),
      );
    } else if (kind === 3) {
      sub(v128);
      simd(random.pick(vectorOpcodes.unary));
    } else if (kind === 4) {
      sub(v128, v128);
      simd(random.pick(vectorOpcodes.binary));
    } else if (kind === 5) {
      const [lane, opcode] = random.pick([
        [i32, 0x11],
        [i64, 0x12],
        [f32, 0x13],
        [f64, 0x14],
      ] as const);
      sub(lane);
      simd(opcode);
    } else if (kind === 6) {
      const [lane, opcode, lanes] = random.pick([
        [i32, 0x1c, 4],
        [f32, 0x20, 4],
        [f64, 0x22, 2],
      ] as const);
      sub(v128, lane);
      this.#emit(0xfd, opcode, random.below(lanes));
    } else if (kind === 7) {
      sub(v128, v128);
      const width = random.pick([1, 4, 8]);
      const lanes = Array.from({ length: 16 / width }, () => width * random.below(32 / width));
      this.#emit(0xfd, 0x0d, ...lanes.flatMap((lane) => Array.from({ length: width }, (_, k) => lane + k)));
    } else if (kind === 8) {
      sub(v128, v128, v128);
      simd(0x52);
    } else if (kind === 9) {
      sub(v128, i32);
      simd(random.pick(vectorOpcodes.shift));
    } else if (kind === 10) {
      const [opcode, lanes] = random.pick(vectorOpcodes.loadLane);
      this.#address();
      sub(v128);
      this.#emit(0xfd, opcode, 0, random.below(64), random.below(lanes));
    } else {
      this.#address();
      this.#emit(0xfd, random.pick(vectorOpcodes.load), 0, random.below(64));
    }
  }

  #constant(type: number): number[] {
    const random = this.#random;
    if (type === i32)
      return [0x41, ...signed(BigInt(random.pick([0, 1, -1, 7, random.below(256), random.bits()])))];
    if (type === i64) return [0x42, ...signed(BigInt(random.pick([0, 1, -1, random.bits()])))];
    const special = random.chance(25);
    const view = new DataView(new ArrayBuffer(16));
    if (type === f32) {
      view.setFloat32(
        0,
        special
          ? random.pick([Number.POSITIVE_INFINITY, Number.NaN, -0, 1e38])
          : random.below(2000) / 16 - 50,
        true,
      );
      return [0x43, ...new Uint8Array(view.buffer, 0, 4)];
    }
    if (type === f64) {
      view.setFloat64(
        0,
        special
          ? random.pick([Number.NEGATIVE_INFINITY, Number.NaN, -0, 1e308])
          : random.below(2000) / 16 - 50,
        true,
      );
      return [0x44, ...new Uint8Array(view.buffer, 0, 8)];
    }
    for (let k = 0; k < 4; k++) view.setInt32(4 * k, random.chance(50) ? 0 : random.bits(), true);
    return [0xfd, 0x0c, ...new Uint8Array(view.buffer)];
  }

  #fresh(type: number): number {
    this.#locals.push(type);
    this.#reserved.add(this.#locals.length - 1);
    return this.#locals.length - 1;
  }

  #blockType(params: readonly number[], results: readonly number[]): number[] {
    if (params.length === 0 && results.length === 0) return [0x40];
    if (params.length === 0 && results.length === 1) return [results[0] as number];
    return signed(BigInt(this.#typeOf({ params, results })));
  }

  #typeOf(signature: Signature): number {
    const key = JSON.stringify([signature.params, signature.results]);
    const known = this.#types.findIndex((type) => JSON.stringify([type.params, type.results]) === key);
    return known >= 0 ? known : this.#types.push(signature) - 1;
  }
}

/** Imported functions come first in the index space. */
const imports = 2;

function zeroOf(type: number): number[] {
  if (type === i32) return [0x41, 0];
  if (type === i64) return [0x42, 0];
  if (type === v128) return [0xfd, 0x0c, ...new Array<number>(16).fill(0)];
  return type === f32 ? [0x43, 0, 0, 0, 0] : [0x44, 0, 0, 0, 0, 0, 0, 0, 0];
}

/** i32.lt_s and le_s, or gt_s and ge_s. */
function ordersOf(upwards: boolean): readonly number[] {
  return upwards ? [0x48, 0x4c] : [0x4a, 0x4e];
}
