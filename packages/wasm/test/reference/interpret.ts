/**
 * The slow reference: an interpreter that adds the cost of every instruction when it runs it, straight from the cost
 * table. It knows nothing of segments, loops or entries paid elsewhere; what the rewriter counts must equal this.
 */
import {
  bulkFuel,
  entryFuel,
  fuelPerGrownPage,
  plainFuel,
  simdFuel,
  startFuel,
} from '../../src/cost-table.ts';
import { type Body, decode, type Instruction, type Module, type Type } from './decode.ts';
import {
  at,
  binary,
  canonicalNan,
  compare,
  fromF32,
  fromF64,
  type NanChoice,
  nearestF32,
  toF32,
  toF64,
  unary,
} from './floats.ts';
import { integerArity, integerVector, type Operand } from './integer-vectors.ts';
import { saturate } from './numbers.ts';
import { bytesTouched, laneLoaded, loaded } from './vector-memory.ts';
import { shuffle, vector } from './vectors.ts';

/** i32 and f32 (as bits) are numbers, i64 and f64 (as bits) are bigints, v128 is 16 bytes. */
export type Value = number | bigint | Uint8Array;

export class Trap extends Error {}
export class Exit extends Error {
  readonly code: number;
  constructor(code: number) {
    super(`exit ${code}`);
    this.code = code;
  }
}
/** Too many steps: the test that meets this chooses another program. */
export class TooLong extends Error {}

export class Reference {
  fuel = 0n;
  memory: DataView;
  readonly globals: Value[];
  readonly #module: Module;
  readonly #nan: NanChoice;
  readonly #table: (number | undefined)[];
  readonly #dropped = new Set<number>();
  readonly #imports: Readonly<Record<string, (...args: Value[]) => Value | undefined>>;
  readonly #pagesMax: number;
  #steps: number;
  #depth = 0;

  constructor(
    bytes: Uint8Array,
    options: {
      readonly nan?: NanChoice;
      readonly imports?: Readonly<Record<string, (...args: Value[]) => Value | undefined>>;
      readonly pagesMax?: number;
      readonly stepsMax?: number;
    } = {},
  ) {
    this.#module = decode(bytes);
    this.#nan = options.nan ?? canonicalNan;
    this.#imports = options.imports ?? {};
    this.#pagesMax = Math.min(this.#module.memory?.max ?? 0, options.pagesMax ?? 65_536);
    this.#steps = options.stepsMax ?? 5_000_000;
    this.memory = new DataView(new ArrayBuffer((this.#module.memory?.min ?? 0) * 65_536));
    this.fuel = BigInt(
      startFuel({
        pages: this.#module.memory?.min ?? 0,
        dataBytes: this.#module.data.reduce((sum, { bytes }) => sum + bytes.length, 0),
        tableEntries: this.#module.elements.reduce(
          (sum, { functions }) => sum + functions.length,
          this.#module.tableSize,
        ),
      }),
    );
    this.globals = this.#module.globals.map((global) => constant(global.init));
    this.#table = new Array(this.#module.tableSize).fill(undefined);
    for (const element of this.#module.elements) {
      element.functions.forEach((index, k) => {
        if (element.offset + k >= this.#table.length) throw new Trap('table');
        this.#table[element.offset + k] = index;
      });
    }
    this.#module.data.forEach((segment, k) => {
      if (segment.offset === undefined) return;
      this.#write(segment.offset, segment.bytes);
      this.#dropped.add(k);
    });
  }

  /** Runs an exported function. Throws `Trap`, `Exit` or `TooLong`. */
  run(name: string, ...args: Value[]): Value[] {
    return this.#call((this.#module.exports.get(name) as { index: number }).index, args);
  }

  #call(index: number, args: Value[]): Value[] {
    const imported = this.#module.imports[index];
    if (imported !== undefined) {
      const run = this.#imports[imported.name];
      if (run === undefined) throw new Error(`No import ${imported.name}.`);
      const result = run(...args);
      return result === undefined ? [] : [result];
    }
    const body = this.#module.bodies[index - this.#module.imports.length] as Body;
    this.fuel += BigInt(entryFuel(body.locals.length, body.type.params));
    if (++this.#depth > 2000) throw new TooLong('depth');
    const results = this.#run(body, [...args, ...body.locals.map(zero)]);
    this.#depth--;
    return results;
  }

  #run(body: Body, locals: Value[]): Value[] {
    const stack: Value[] = [];
    const labels: { arity: number; height: number; next: number }[] = [];
    const code = body.code;
    const int = () => stack.pop() as number;
    const long = () => stack.pop() as bigint;
    let at = 0;
    const branch = (depth: number): boolean => {
      if (depth === labels.length) return true;
      const label = labels[labels.length - 1 - depth] as { arity: number; height: number; next: number };
      const results = label.arity === 0 ? [] : stack.splice(-label.arity);
      stack.length = label.height;
      stack.push(...results);
      labels.length -= depth + 1;
      at = label.next;
      return false;
    };
    const finish = () => (body.type.results.length === 0 ? [] : stack.slice(-body.type.results.length));
    for (;;) {
      const it = code[at++] as Instruction;
      if (--this.#steps < 0) throw new TooLong('steps');
      this.#charge(it);
      const { opcode, a } = it;
      switch (opcode) {
        case 0x00:
          throw new Trap('unreachable');
        case 0x01:
          break;
        case 0x02:
          labels.push({ arity: it.results, height: stack.length - it.params, next: it.endAt + 1 });
          break;
        case 0x03:
          labels.push({ arity: it.params, height: stack.length - it.params, next: at - 1 });
          break;
        case 0x04: {
          const taken = int() !== 0;
          if (!taken && it.elseAt === it.endAt) {
            at = it.endAt + 1;
            break;
          }
          labels.push({ arity: it.results, height: stack.length - it.params, next: it.endAt + 1 });
          if (!taken) at = it.elseAt + 1;
          break;
        }
        case 0x05:
          labels.pop();
          at = it.endAt + 1;
          break;
        case 0x0b:
          if (labels.length === 0) return finish();
          labels.pop();
          break;
        case 0x0c:
          if (branch(a)) return finish();
          break;
        case 0x0d:
          if (int() !== 0 && branch(a)) return finish();
          break;
        case 0x0e:
          if (branch(it.targets[Math.min(int() >>> 0, it.targets.length - 1)] as number)) return finish();
          break;
        case 0x0f:
          return finish();
        case 0x10: {
          const type = this.#module.types[this.#module.functionTypes[a] as number] as Type;
          stack.push(...this.#call(a, type.params.length === 0 ? [] : stack.splice(-type.params.length)));
          break;
        }
        case 0x11: {
          const type = this.#module.types[a] as Type;
          const entry = int() >>> 0;
          const callee = this.#table[entry];
          if (callee === undefined) throw new Trap('table');
          const found = this.#module.types[this.#module.functionTypes[callee] as number] as Type;
          if (JSON.stringify(found) !== JSON.stringify(type)) throw new Trap('signature');
          stack.push(
            ...this.#call(callee, type.params.length === 0 ? [] : stack.splice(-type.params.length)),
          );
          break;
        }
        case 0x1a:
          stack.pop();
          break;
        case 0x1b:
        case 0x1c: {
          const condition = int();
          const second = stack.pop() as Value;
          if (condition === 0) {
            stack.pop();
            stack.push(second);
          }
          break;
        }
        case 0x20:
          stack.push(locals[a] as Value);
          break;
        case 0x21:
          locals[a] = stack.pop() as Value;
          break;
        case 0x22:
          locals[a] = stack[stack.length - 1] as Value;
          break;
        case 0x23:
          stack.push(this.globals[a] as Value);
          break;
        case 0x24:
          this.globals[a] = stack.pop() as Value;
          break;
        case 0x3f:
          stack.push(this.memory.byteLength / 65_536);
          break;
        case 0x40:
          stack.push(this.#grow(int() >>> 0));
          break;
        case 0x41:
        case 0x42:
        case 0x43:
        case 0x44:
          stack.push(constant(it));
          break;
        case 0xfc:
          this.#bulk(it, stack);
          break;
        case 0xfd:
          this.#vector(it, stack);
          break;
        default:
          if (opcode >= 0x28 && opcode <= 0x35) stack.push(this.#load(opcode, this.#address(int(), a)));
          else if (opcode >= 0x36 && opcode <= 0x3e) {
            const value = stack.pop() as Value;
            this.#store(opcode, this.#address(int(), a), value);
          } else numeric(opcode, stack, int, long, this.#nan);
      }
    }
  }

  #charge(it: Instruction): void {
    if (it.opcode === 0xfc) this.fuel += BigInt(bulkFuel[it.sub] as number);
    else if (it.opcode === 0xfd) this.fuel += BigInt(simdFuel[it.sub] as number);
    else this.fuel += BigInt(plainFuel[it.opcode] as number);
  }

  #grow(delta: number): number {
    const before = this.memory.byteLength / 65_536;
    if (before + delta > this.#pagesMax) return -1;
    const grown = new Uint8Array((before + delta) * 65_536);
    grown.set(new Uint8Array(this.memory.buffer));
    this.memory = new DataView(grown.buffer);
    this.fuel += BigInt(delta * fuelPerGrownPage);
    return before;
  }

  #bulk(it: Instruction, stack: Value[]): void {
    if (it.sub < 8) {
      const value = stack.pop() as Value;
      const float =
        it.sub === 2 || it.sub === 3 || it.sub >= 6 ? toF64(value as bigint) : toF32(value as number);
      const bits = it.sub < 4 ? 32 : 64;
      const result = saturate(float, bits, it.sub % 2 === 0);
      stack.push(bits === 32 ? Number(BigInt.asIntN(32, result)) : BigInt.asIntN(64, result));
      return;
    }
    if (it.sub === 9) {
      this.#dropped.add(it.a);
      return;
    }
    const length = (stack.pop() as number) >>> 0;
    const source = stack.pop() as number;
    const target = (stack.pop() as number) >>> 0;
    if (target + length > this.memory.byteLength) throw new Trap('memory');
    const bytes = new Uint8Array(this.memory.buffer);
    this.fuel += BigInt(length >>> 3);
    if (it.sub === 11) bytes.fill(source, target, target + length);
    else {
      const segment = this.#dropped.has(it.a) ? new Uint8Array(0) : this.#module.data[it.a]?.bytes;
      const from = it.sub === 10 ? bytes : (segment as Uint8Array);
      if ((source >>> 0) + length > from.length) throw new Trap('memory');
      bytes.set(from.slice(source >>> 0, (source >>> 0) + length), target);
    }
  }

  #vector(it: Instruction, stack: Value[]): void {
    const { sub } = it;
    if (sub === 0x00) {
      const at = this.#address(stack.pop() as number, it.a);
      if (at + 16 > this.memory.byteLength) throw new Trap('memory');
      stack.push(new Uint8Array(this.memory.buffer.slice(at, at + 16)));
    } else if (sub === 0x0b) {
      const value = stack.pop() as Uint8Array;
      this.#write(this.#address(stack.pop() as number, it.a), value);
    } else if (sub === 0x0c) stack.push(it.bytes);
    else if (sub === 0x0d) {
      const right = stack.pop() as Uint8Array;
      stack.push(shuffle(stack.pop() as Uint8Array, right, it.bytes));
    } else if (sub >= 0x0f && sub <= 0x14) {
      const lane = toBytes(stack.pop() as Value).subarray(0, [1, 2, 4, 8, 4, 8][sub - 0x0f]);
      stack.push(new Uint8Array(16).map((_, k) => lane[k % lane.length] as number));
    } else if (bytesTouched(sub) > 0) this.#vectorMemory(it, stack);
    else if (sub >= 0x15 && sub <= 0x1a) narrowLane(it, stack);
    else if (sub === 0x1b || sub === 0x1f) {
      stack.push(viewOf(stack.pop() as Uint8Array).getInt32(4 * it.b, true));
    } else if (sub === 0x1d || sub === 0x21) {
      stack.push(viewOf(stack.pop() as Uint8Array).getBigInt64(8 * it.b, true));
    } else if (sub === 0x1c || sub === 0x20 || sub === 0x1e || sub === 0x22) {
      const lane = toBytes(stack.pop() as Value);
      const bytes = (stack.pop() as Uint8Array).slice();
      bytes.set(lane, lane.length * it.b);
      stack.push(bytes);
    } else if (integerArity(sub) > 0) {
      stack.push(integerVector(sub, stack.splice(-integerArity(sub)) as Operand[], this.#nan));
    } else {
      const arity = sub === 0x52 ? 3 : isUnary(sub) ? 1 : 2;
      stack.push(vector(sub, stack.splice(-arity) as Uint8Array[], this.#nan));
    }
  }

  #vectorMemory(it: Instruction, stack: Value[]): void {
    const { sub } = it;
    const length = bytesTouched(sub);
    const lane = sub >= 0x54 && sub <= 0x5b ? (stack.pop() as Uint8Array) : undefined;
    const at = this.#address(stack.pop() as number, it.a);
    if (lane !== undefined && sub >= 0x58) {
      this.#write(at, lane.slice(it.b * length, (it.b + 1) * length));
      return;
    }
    if (at + length > this.memory.byteLength) throw new Trap('memory');
    const read = new Uint8Array(this.memory.buffer.slice(at, at + length));
    stack.push(lane === undefined ? loaded(sub, read) : laneLoaded(lane, it.b, read));
  }

  #address(base: number, offset: number): number {
    return (base >>> 0) + offset;
  }

  #write(at: number, bytes: Uint8Array): void {
    if (at + bytes.length > this.memory.byteLength) throw new Trap('memory');
    new Uint8Array(this.memory.buffer).set(bytes, at);
  }

  #load(opcode: number, at: number): Value {
    const memory = this.memory;
    const loads = [
      () => memory.getInt32(at, true),
      () => memory.getBigInt64(at, true),
      () => memory.getInt32(at, true),
      () => memory.getBigInt64(at, true),
      () => memory.getInt8(at),
      () => memory.getUint8(at),
      () => memory.getInt16(at, true),
      () => memory.getUint16(at, true),
      () => BigInt(memory.getInt8(at)),
      () => BigInt(memory.getUint8(at)),
      () => BigInt(memory.getInt16(at, true)),
      () => BigInt(memory.getUint16(at, true)),
      () => BigInt(memory.getInt32(at, true)),
      () => BigInt(memory.getUint32(at, true)),
    ];
    return inBounds(loads[opcode - 0x28] as () => Value);
  }

  #store(opcode: number, at: number, value: Value): void {
    const memory = this.memory;
    const small = () => Number(BigInt.asIntN(32, BigInt(value as bigint)));
    const stores = [
      () => memory.setInt32(at, value as number, true),
      () => memory.setBigInt64(at, value as bigint, true),
      () => memory.setInt32(at, value as number, true),
      () => memory.setBigInt64(at, value as bigint, true),
      () => memory.setInt8(at, value as number),
      () => memory.setInt16(at, value as number, true),
      () => memory.setInt8(at, small()),
      () => memory.setInt16(at, small(), true),
      () => memory.setInt32(at, small(), true),
    ];
    inBounds(stores[opcode - 0x36] as () => void);
  }
}

function numeric(
  opcode: number,
  stack: Value[],
  int: () => number,
  long: () => bigint,
  nan: NanChoice,
): void {
  if (opcode === 0x45) stack.push(int() === 0 ? 1 : 0);
  else if (opcode === 0x50) stack.push(long() === 0n ? 1 : 0);
  else if (opcode <= 0x4f) stack.push(compareIntegers(opcode - 0x46, ...pairOf(() => BigInt(int())), 32));
  else if (opcode <= 0x5a) stack.push(compareIntegers(opcode - 0x51, ...pairOf(long), 64));
  else if (opcode <= 0x60) stack.push(Number(at(compare, opcode - 0x5b)(...pairOf(() => toF32(int())))));
  else if (opcode <= 0x66) stack.push(Number(at(compare, opcode - 0x61)(...pairOf(() => toF64(long())))));
  else if (opcode <= 0x69) stack.push(Number(countBits(opcode - 0x67, BigInt(int()), 32)));
  else if (opcode <= 0x78)
    stack.push(Number(integerBinary(opcode - 0x6a, ...pairOf(() => BigInt(int())), 32)));
  else if (opcode <= 0x7b) stack.push(countBits(opcode - 0x79, long(), 64));
  else if (opcode <= 0x8a) stack.push(integerBinary(opcode - 0x7c, ...pairOf(long), 64));
  else if (opcode === 0x8b) stack.push(int() & 0x7fffffff);
  else if (opcode === 0x8c) stack.push(int() ^ -0x80000000);
  else if (opcode <= 0x91) stack.push(fromF32(Math.fround(at(unary, opcode - 0x8d)(toF32(int()))), nan));
  else if (opcode <= 0x97)
    stack.push(fromF32(Math.fround(at(binary, opcode - 0x92)(...pairOf(() => toF32(int())))), nan));
  else if (opcode === 0x98) stack.push(((a, b) => (a & 0x7fffffff) | (b & -0x80000000))(...pairOf(int)));
  else if (opcode === 0x99) stack.push(BigInt.asIntN(63, long()) & 0x7fffffffffffffffn);
  else if (opcode === 0x9a) stack.push(BigInt.asIntN(64, long() ^ (1n << 63n)));
  else if (opcode <= 0x9f) stack.push(fromF64(at(unary, opcode - 0x9b)(toF64(long())), nan));
  else if (opcode <= 0xa5)
    stack.push(fromF64(at(binary, opcode - 0xa0)(...pairOf(() => toF64(long()))), nan));
  else if (opcode === 0xa6) {
    const [a, b] = pairOf(() => BigInt.asUintN(64, long()));
    stack.push(BigInt.asIntN(64, (a & 0x7fffffffffffffffn) | (b & (1n << 63n))));
  } else convert(opcode, stack, int, long, nan);

  /** Two operands in the order in which they were pushed. */
  function pairOf<T>(pop: () => T): [T, T] {
    const right = pop();
    return [pop(), right];
  }
}

function convert(
  opcode: number,
  stack: Value[],
  int: () => number,
  long: () => bigint,
  nan: NanChoice,
): void {
  const unsigned = (value: number) => value >>> 0;
  switch (opcode) {
    case 0xa7:
      stack.push(Number(BigInt.asIntN(32, long())));
      break;
    case 0xa8:
    case 0xa9:
      stack.push(Number(BigInt.asIntN(32, truncate(toF32(int()), 32, opcode === 0xa8))));
      break;
    case 0xaa:
    case 0xab:
      stack.push(Number(BigInt.asIntN(32, truncate(toF64(long()), 32, opcode === 0xaa))));
      break;
    case 0xac:
      stack.push(BigInt(int()));
      break;
    case 0xad:
      stack.push(BigInt(unsigned(int())));
      break;
    case 0xae:
    case 0xaf:
      stack.push(BigInt.asIntN(64, truncate(toF32(int()), 64, opcode === 0xae)));
      break;
    case 0xb0:
    case 0xb1:
      stack.push(BigInt.asIntN(64, truncate(toF64(long()), 64, opcode === 0xb0)));
      break;
    case 0xb2:
      stack.push(fromF32(Math.fround(int()), nan));
      break;
    case 0xb3:
      stack.push(fromF32(Math.fround(unsigned(int())), nan));
      break;
    case 0xb4:
      stack.push(fromF32(nearestF32(long()), nan));
      break;
    case 0xb5:
      stack.push(fromF32(nearestF32(BigInt.asUintN(64, long())), nan));
      break;
    case 0xb6:
      stack.push(fromF32(Math.fround(toF64(long())), nan));
      break;
    case 0xb7:
      stack.push(fromF64(int(), nan));
      break;
    case 0xb8:
      stack.push(fromF64(unsigned(int()), nan));
      break;
    case 0xb9:
      stack.push(fromF64(Number(long()), nan));
      break;
    case 0xba:
      stack.push(fromF64(Number(BigInt.asUintN(64, long())), nan));
      break;
    case 0xbb:
      stack.push(fromF64(toF32(int()), nan));
      break;
    case 0xbc:
    case 0xbd:
    case 0xbe:
    case 0xbf:
      break;
    case 0xc0:
      stack.push((int() << 24) >> 24);
      break;
    case 0xc1:
      stack.push((int() << 16) >> 16);
      break;
    case 0xc2:
    case 0xc3:
    case 0xc4:
      stack.push(BigInt.asIntN([8, 16, 32][opcode - 0xc2] as number, long()));
      break;
    default:
      throw new Error(`The reference does not know instruction 0x${opcode.toString(16)}.`);
  }
}

function compareIntegers(kind: number, a: bigint, b: bigint, bits: number): number {
  const signed = kind < 2 || kind % 2 === 0;
  const [x, y] = signed ? [a, b] : [BigInt.asUintN(bits, a), BigInt.asUintN(bits, b)];
  const tests = [x === y, x !== y, x < y, x < y, x > y, x > y, x <= y, x <= y, x >= y, x >= y];
  return tests[kind] === true ? 1 : 0;
}

function countBits(kind: number, value: bigint, bits: number): bigint {
  const text = BigInt.asUintN(bits, value).toString(2).padStart(bits, '0');
  if (kind === 2) return BigInt(text.replaceAll('0', '').length);
  const at = kind === 0 ? text.indexOf('1') : [...text].reverse().indexOf('1');
  return BigInt(at < 0 ? bits : at);
}

function integerBinary(kind: number, a: bigint, b: bigint, bits: number): bigint {
  const [x, y] = [BigInt.asUintN(bits, a), BigInt.asUintN(bits, b)];
  const shift = y % BigInt(bits);
  if (kind >= 3 && kind <= 6 && b === 0n) throw new Trap('division');
  if (kind === 3 && a === -(1n << BigInt(bits - 1)) && b === -1n) throw new Trap('overflow');
  const results = [
    () => a + b,
    () => a - b,
    () => a * b,
    () => a / b,
    () => x / y,
    () => a % b,
    () => x % y,
    () => a & b,
    () => a | b,
    () => a ^ b,
    () => a << shift,
    () => a >> shift,
    () => x >> shift,
    () => (x << shift) | (x >> (BigInt(bits) - shift)),
    () => (x >> shift) | (x << (BigInt(bits) - shift)),
  ];
  return BigInt.asIntN(bits, (results[kind] as () => bigint)());
}

function truncate(value: number, bits: number, signed: boolean): bigint {
  if (!Number.isFinite(value)) throw new Trap('conversion');
  const result = BigInt(Math.trunc(value));
  if (result !== saturate(value, bits, signed)) throw new Trap('conversion');
  return result;
}

function inBounds<T>(access: () => T): T {
  try {
    return access();
  } catch (error) {
    if (error instanceof RangeError) throw new Trap('memory');
    throw error;
  }
}

function isUnary(sub: number): boolean {
  if (sub === 0x4d || (sub >= 0x67 && sub <= 0x6a)) return true;
  return [0x74, 0x75, 0x7a, 0x94, 0xe0, 0xe1, 0xe3, 0xec, 0xed, 0xef].includes(sub);
}

/** Lanes of 8 and 16 bits: taken out signed or not, or replaced. */
function narrowLane({ sub, b }: Instruction, stack: Value[]): void {
  const bytes = sub < 0x18 ? 1 : 2;
  const value = sub === 0x17 || sub === 0x1a ? (stack.pop() as number) : undefined;
  const vector = (stack.pop() as Uint8Array).slice();
  const view = viewOf(vector);
  if (value === undefined) {
    const lane = bytes === 1 ? view.getUint8(b) : view.getUint16(2 * b, true);
    const shift = 32 - 8 * bytes;
    stack.push(sub === 0x15 || sub === 0x18 ? (lane << shift) >> shift : lane);
    return;
  }
  if (bytes === 1) view.setUint8(b, value);
  else view.setUint16(2 * b, value, true);
  stack.push(vector);
}

function constant(it: Instruction): Value {
  if (it.opcode === 0x41) return Number(BigInt.asIntN(32, it.value));
  if (it.opcode === 0x42) return BigInt.asIntN(64, it.value);
  if (it.opcode === 0x43) return viewOf(it.bytes).getInt32(0, true);
  return it.opcode === 0x44 ? viewOf(it.bytes).getBigInt64(0, true) : it.bytes;
}

function zero(type: number): Value {
  return type === 0x7f || type === 0x7d ? 0 : type === 0x7b ? new Uint8Array(16) : 0n;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function toBytes(value: Value): Uint8Array {
  const view = new DataView(new ArrayBuffer(typeof value === 'bigint' ? 8 : 4));
  if (typeof value === 'bigint') view.setBigInt64(0, value, true);
  else view.setInt32(0, value as number, true);
  return new Uint8Array(view.buffer);
}
