/**
 * The instructions that count: short, without effect on the operand stack, in one of two places. A function that counts
 * rarely adds to the global at once; one that counts in loops adds to a local, which the engine keeps in a register, and
 * adds that to the global when it ends.
 */
import { bulkLengthShift } from '../cost-table.ts';
import { op } from '../opcodes.ts';
import type { ByteWriter } from './byte-writer.ts';
import type { Layout } from './layout.ts';

/** Where a function counts. */
export interface Counter {
  readonly layout: Layout;
  /** The local, or -1 to count in the global. */
  readonly local: number;
}

export function writeCharge(out: ByteWriter, counter: Counter, fuel: number): void {
  writeCounterGet(out, counter);
  out.byte(op.i64Const);
  out.weight(fuel);
  writeCounterAdd(out, counter);
}

/** Sets the local: at a function's entry, or after a flush. */
export function writeChargeAnew(out: ByteWriter, counter: Counter, fuel: number): void {
  out.byte(op.i64Const);
  out.weight(fuel);
  out.byte(op.localSet);
  out.u32(counter.local);
}

/** Charges the length that is on top of the stack and stays there. */
export function writeBulkLength(out: ByteWriter, counter: Counter, lengthLocal: number): void {
  out.byte(op.localTee);
  out.u32(lengthLocal);
  writeCounterGet(out, counter);
  out.byte(op.localGet);
  out.u32(lengthLocal);
  out.byte(op.i64ExtendI32U);
  out.byte(op.i64Const);
  out.byte(bulkLengthShift);
  out.byte(op.i64ShrU);
  writeCounterAdd(out, counter);
}

export function writeLoopStart(out: ByteWriter, counterLocal: number, startLocal: number): void {
  out.byte(op.localGet);
  out.u32(counterLocal);
  out.byte(op.localSet);
  out.u32(startLocal);
}

/** Charges `fuel` for each iteration of a counted loop; the formula is in counted-loop.ts. */
export function writeLoopEnd(
  out: ByteWriter,
  counter: Counter,
  loop: {
    readonly fuel: number;
    readonly counterLocal: number;
    readonly startLocal: number;
    readonly step: number;
  },
): void {
  const shift = 31 - Math.clz32(loop.step & -loop.step);
  const odd = loop.step >> shift;
  // Minus one needs no multiplication, only the difference the other way round.
  const forward = odd !== -1;
  writeCounterGet(out, counter);
  out.byte(op.localGet);
  out.u32(forward ? loop.counterLocal : loop.startLocal);
  out.byte(op.localGet);
  out.u32(forward ? loop.startLocal : loop.counterLocal);
  out.byte(op.i32Sub);
  out.byte(op.i32Const);
  out.s32(forward ? loop.step : -loop.step | 0);
  out.byte(op.i32Sub);
  if (shift > 0) {
    out.byte(op.i32Const);
    out.s32(shift);
    out.byte(op.i32ShrU);
  }
  if (forward && odd !== 1) writeDivisionByOdd(out, odd, shift);
  out.byte(op.i64ExtendI32U);
  out.byte(op.i64Const);
  out.byte(1);
  out.byte(op.i64Add);
  if (loop.fuel !== 1) {
    out.byte(op.i64Const);
    out.weight(loop.fuel);
    out.byte(op.i64Mul);
  }
  writeCounterAdd(out, counter);
}

/** Divides what is an exact multiple of `odd` modulo 2^(32 − shift): multiplies with its inverse. */
function writeDivisionByOdd(out: ByteWriter, odd: number, shift: number): void {
  // Newton's step doubles the bits that are right, from the three of `odd` itself.
  let inverse = odd;
  for (let bits = 3; bits < 32; bits *= 2) inverse = Math.imul(inverse, 2 - Math.imul(odd, inverse));
  out.byte(op.i32Const);
  out.s32(inverse | 0);
  out.byte(op.i32Mul);
  if (shift === 0) return;
  out.byte(op.i32Const);
  out.s32(-1 >>> shift);
  out.byte(op.i32And);
}

/** Adds the local to the global, and stops the program when that passes its cap. */
export function writeFlush(out: ByteWriter, counter: Counter): void {
  const { fuelGlobal } = counter.layout;
  out.byte(op.globalGet);
  out.u32(fuelGlobal);
  out.byte(op.localGet);
  out.u32(counter.local);
  out.byte(op.i64Add);
  out.byte(op.globalSet);
  out.u32(fuelGlobal);
  writeCap(out, counter.layout);
}

/** In a loop of a program with a cap: flushes when the local has grown large, so that an endless loop meets the cap. */
export function writeLoopCap(out: ByteWriter, counter: Counter): void {
  if (counter.layout.fuelMax === undefined || counter.local < 0) return;
  out.byte(op.localGet);
  out.u32(counter.local);
  out.byte(op.i64Const);
  out.weight(unflushedMax);
  out.byte(op.i64GtU);
  out.byte(op.if);
  out.byte(0x40);
  writeFlush(out, counter);
  writeChargeAnew(out, counter, 0);
  out.byte(op.end);
}

/** Fuel that a loop counts before it looks at the cap: about a tenth of a millisecond. */
const unflushedMax = 2 ** 20;

function writeCounterGet(out: ByteWriter, counter: Counter): void {
  if (counter.local >= 0) {
    out.byte(op.localGet);
    out.u32(counter.local);
  } else {
    out.byte(op.globalGet);
    out.u32(counter.layout.fuelGlobal);
  }
}

function writeCounterAdd(out: ByteWriter, counter: Counter): void {
  out.byte(op.i64Add);
  if (counter.local >= 0) {
    out.byte(op.localSet);
    out.u32(counter.local);
  } else {
    out.byte(op.globalSet);
    out.u32(counter.layout.fuelGlobal);
    writeCap(out, counter.layout);
  }
}

/** Stops the program when the global is above its cap. */
export function writeCap(out: ByteWriter, layout: Layout): void {
  if (layout.fuelMax === undefined) return;
  out.byte(op.globalGet);
  out.u32(layout.fuelGlobal);
  out.byte(op.i64Const);
  out.s64(layout.fuelMax);
  out.byte(op.i64GtU);
  out.byte(op.if);
  out.byte(0x40);
  out.byte(op.unreachable);
  out.byte(op.end);
}
