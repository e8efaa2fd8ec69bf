import { invalid, unsupported } from './admission-error.ts';
import type { ByteReader } from './byte-reader.ts';
import { immediate, simdOpcodes } from './opcodes.ts';

/** What follows an opcode after 0xFD: checked, and skipped. */
export function readVectorImmediates(reader: ByteReader, opcode: number, offset: number): void {
  if (opcode > 0xff) {
    throw unsupported(
      'The program uses relaxed SIMD, whose results differ between machines.',
      'Compile without -mrelaxed-simd.',
      offset,
    );
  }
  const bound = simdOpcodes.bound[opcode] as number;
  switch (simdOpcodes.immediates[opcode]) {
    case immediate.none:
      break;
    case immediate.memory:
      readMemoryArgument(reader, bound, offset);
      break;
    case immediate.memoryLane:
      readMemoryArgument(reader, bound, offset);
      if (reader.byte() >= 16 >> bound) throw invalid('There is no such lane.', offset);
      break;
    case immediate.lane:
      if (reader.byte() >= bound) throw invalid('There is no such lane.', offset);
      break;
    case immediate.bytes16:
      if (opcode === shuffle) readShuffleLanes(reader, offset);
      else reader.skip(16);
      break;
    default:
      throw invalid(`There is no vector instruction ${opcode}.`, offset);
  }
}

function readShuffleLanes(reader: ByteReader, offset: number): void {
  for (let k = 0; k < 16; k++) if (reader.byte() >= 32) throw invalid('There is no such lane.', offset);
}

/** Alignment, which is bounded by the size of the access, and offset. */
export function readMemoryArgument(reader: ByteReader, alignmentMax: number, offset: number): void {
  const alignment = reader.u32();
  if (alignment >= 64)
    throw unsupported('The program has several memories.', 'Compile without -mmultimemory.', offset);
  if (alignment > alignmentMax) throw invalid('An access claims more alignment than it has bytes.', offset);
  reader.u32();
}

const shuffle = 0x0d;
