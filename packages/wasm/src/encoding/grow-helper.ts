/**
 * The function that stands for `memory.grow`. It refuses what the memory's maximum does not allow, in the one way that
 * is the same everywhere, and turns the engine's own refusal (a machine without memory) into a trap: whether a machine
 * has memory left must not be visible to the program.
 *
 *     if delta > max - memory.size then return -1
 *     if memory.grow(delta) = -1 then fuel = growRefusedMark, unreachable
 *     fuel += delta * fuelPerGrownPage
 */
import { fuelPerGrownPage } from '../cost-table.ts';
import { i32, op } from '../opcodes.ts';
import type { ByteWriter } from './byte-writer.ts';
import { writeCap } from './charge.ts';
import type { Layout } from './layout.ts';

/** Writes the helper's body, without its length. */
export function writeGrowHelper(out: ByteWriter, layout: Layout): void {
  const emit = (...bytes: number[]) => {
    for (const byte of bytes) out.byte(byte);
  };
  emit(1, 1, i32); // local 1: the size before
  emit(op.localGet, 0, op.i32Const);
  out.s32(layout.pagesMax);
  emit(op.memorySize, 0, op.i32Sub, op.i32GtU, op.if, 0x40, op.i32Const, 0x7f, op.return, op.end);
  emit(op.localGet, 0, op.memoryGrow, 0, op.localTee, 1);
  emit(op.i32Const, 0x7f, op.i32Eq, op.if, 0x40, op.i64Const, 0x7f, op.globalSet);
  out.u32(layout.fuelGlobal);
  emit(op.unreachable, op.end);
  emit(op.globalGet);
  out.u32(layout.fuelGlobal);
  emit(op.localGet, 0, op.i64ExtendI32U, op.i64Const);
  out.weight(fuelPerGrownPage);
  emit(op.i64Mul, op.i64Add, op.globalSet);
  out.u32(layout.fuelGlobal);
  writeCap(out, layout);
  emit(op.localGet, 1, op.end);
}
