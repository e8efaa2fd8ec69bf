import { invalid, unsupported } from '../admission-error.ts';
import type { ByteReader } from '../byte-reader.ts';
import { f32, f64, i32, i64, op, v128 } from '../opcodes.ts';

/**
 * One constant instruction and `end`: how globals start and where segments go. Other constant expressions (of imported
 * globals, or extended ones) come from dynamic linking, which commands do not use.
 */
export function readConstant(reader: ByteReader, type: number): void {
  const offset = reader.pos;
  const opcode = reader.byte();
  let found: number;
  switch (opcode) {
    case op.i32Const:
      reader.s32();
      found = i32;
      break;
    case op.i64Const:
      reader.skipS64();
      found = i64;
      break;
    case op.f32Const:
      reader.skip(4);
      found = f32;
      break;
    case op.f64Const:
      reader.skip(8);
      found = f64;
      break;
    case op.simdPrefix:
      if (reader.u32() !== 0x0c) throw invalid('A vector constant is expected.', offset);
      reader.skip(16);
      found = v128;
      break;
    default:
      throw unsupported(
        'A start value or address is not a constant.',
        'Link statically (no -shared, no -fPIC).',
        offset,
      );
  }
  if (found !== type) throw invalid('A start value or address has the wrong type.', offset);
  if (reader.byte() !== op.end) {
    throw unsupported(
      'A start value or address is not a single constant.',
      'Compile without -mextended-const.',
      reader.pos - 1,
    );
  }
}
