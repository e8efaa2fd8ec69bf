/**
 * The instructions that make the value on top of the stack canonical: every NaN becomes the one whose bits are all ones,
 * everything else stays. All ones, because a vector comparison gives all ones for "is NaN", so that one `or` does it.
 */
import { nanForm } from '../nan/nan-plan.ts';
import { op } from '../opcodes.ts';
import type { ByteWriter } from './byte-writer.ts';
import type { ExtraLocals } from './layout.ts';

export function writeCanonicalise(out: ByteWriter, form: number, locals: ExtraLocals): void {
  switch (form) {
    case nanForm.f32:
      writeScalar(out, locals.nan32, op.f32Ne, op.f32Const, 4);
      break;
    case nanForm.f64:
      writeScalar(out, locals.nan64, op.f64Ne, op.f64Const, 8);
      break;
    case nanForm.f32x4:
      writeVector(out, locals.nan128, f32x4Ne);
      break;
    default:
      writeVector(out, locals.nan128, f64x2Ne);
  }
}

/** A branch that is never taken costs less than a select. */
function writeScalar(out: ByteWriter, local: number, notEqual: number, constant: number, size: number): void {
  out.byte(op.localTee);
  out.u32(local);
  out.byte(op.localGet);
  out.u32(local);
  out.byte(notEqual);
  out.byte(op.if);
  out.byte(0x40);
  out.byte(constant);
  for (let k = 0; k < size; k++) out.byte(0xff);
  out.byte(op.localSet);
  out.u32(local);
  out.byte(op.end);
  out.byte(op.localGet);
  out.u32(local);
}

function writeVector(out: ByteWriter, local: number, notEqual: number): void {
  out.byte(op.localTee);
  out.u32(local);
  for (let k = 0; k < 2; k++) {
    out.byte(op.localGet);
    out.u32(local);
  }
  out.byte(op.simdPrefix);
  out.u32(notEqual);
  out.byte(op.simdPrefix);
  out.u32(v128Or);
}

const f32x4Ne = 0x42;
const f64x2Ne = 0x48;
const v128Or = 0x50;
