/**
 * The instructions that make the value on top of the stack canonical: every NaN becomes the one of the form that is
 * written, everything else stays. In `strict` that is all ones, because a vector comparison gives all ones for "is NaN",
 * so that one `or` does it; the forms that only judge take a select.
 *
 * Vectors: `x | (x ≠ x)`, three machine instructions. Scalars: `if x ≠ x then x := NaN`, a branch that is never taken,
 * with a hint that says so. The vector's way for scalars, too, was slower (nbody 1.80 against 1.56, matmul 1.49 against
 * 1.43, both over plain): it lengthens the chain from a value stored to the same value loaded, a branch does not. So was
 * the branch without the hint (1.62, 1.49), since the engine puts the dead code into the middle of the loop.
 */
import { nanForm } from '../nan/nan-plan.ts';
import { op } from '../opcodes.ts';
import type { BranchHints } from './branch-hints.ts';
import type { ByteWriter } from './byte-writer.ts';
import type { NanBits } from './canonical-nan.ts';
import type { ExtraLocals } from './layout.ts';

export function writeCanonicalise(
  out: ByteWriter,
  { form, nan }: { readonly form: number; readonly nan: NanBits },
  locals: ExtraLocals,
  hints: BranchHints,
): void {
  switch (form) {
    case nanForm.f32:
      writeScalar(out, locals.f32, { notEqual: op.f32Ne, constant: op.f32Const, bits: nan.f32 }, hints);
      break;
    case nanForm.f64:
      writeScalar(out, locals.f64, { notEqual: op.f64Ne, constant: op.f64Const, bits: nan.f64 }, hints);
      break;
    case nanForm.f32x4:
      writeVector(out, locals.vector, { notEqual: f32x4Ne, lane: nan.f32, isAllOnes: nan.isAllOnes });
      break;
    default:
      writeVector(out, locals.vector, { notEqual: f64x2Ne, lane: nan.f64, isAllOnes: nan.isAllOnes });
  }
}

interface ScalarOpcodes {
  readonly notEqual: number;
  readonly constant: number;
  readonly bits: readonly number[];
}

function writeScalar(out: ByteWriter, local: number, scalar: ScalarOpcodes, hints: BranchHints): void {
  out.byte(op.localTee);
  out.u32(local);
  out.byte(op.localGet);
  out.u32(local);
  out.byte(scalar.notEqual);
  hints.unlikely(out.length);
  out.byte(op.if);
  out.byte(0x40);
  out.byte(scalar.constant);
  for (const byte of scalar.bits) out.byte(byte);
  out.byte(op.localSet);
  out.u32(local);
  out.byte(op.end);
  out.byte(op.localGet);
  out.u32(local);
}

interface VectorOpcodes {
  readonly notEqual: number;
  readonly lane: readonly number[];
  readonly isAllOnes: boolean;
}

function writeVector(out: ByteWriter, local: number, { notEqual, lane, isAllOnes }: VectorOpcodes): void {
  out.byte(isAllOnes ? op.localTee : op.localSet);
  out.u32(local);
  if (!isAllOnes) {
    writeSimd(out, v128Const);
    for (let byte = 0; byte < 16; byte++) out.byte(lane[byte % lane.length] ?? 0);
  }
  for (let k = 0; k < (isAllOnes ? 2 : 3); k++) {
    out.byte(op.localGet);
    out.u32(local);
  }
  writeSimd(out, notEqual);
  writeSimd(out, isAllOnes ? v128Or : v128Bitselect);
}

function writeSimd(out: ByteWriter, opcode: number): void {
  out.byte(op.simdPrefix);
  out.u32(opcode);
}

const f32x4Ne = 0x42;
const f64x2Ne = 0x48;
const v128Const = 0x0c;
const v128Or = 0x50;
const v128Bitselect = 0x52;
