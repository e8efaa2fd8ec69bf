import { limitExceeded, malformed, unsupported } from '../admission-error.ts';
import type { ByteReader } from '../byte-reader.ts';
import type { ProgramDraft } from '../program-draft.ts';

const funcref = 0x70;

/** At most one table, of functions. Nothing on the allow-list can change its size. */
export function readTableSection(draft: ProgramDraft, reader: ByteReader): void {
  const count = reader.u32();
  if (count > 1)
    throw unsupported('The program has several tables.', 'Compile without -mreference-types.', reader.pos);
  if (count === 0) return;
  const offset = reader.pos;
  if (reader.byte() !== funcref) {
    throw unsupported(
      'The program has a table of something other than functions.',
      'Compile without -mreference-types.',
      offset,
    );
  }
  const { min, max } = readBounds(reader, 'table');
  checkOrder(min, max, offset);
  const limit = draft.limits.tableEntriesMax;
  if (min > limit) throw limitExceeded('table entries', min, limit, 'Split the program.', offset);
  draft.table = { entriesMin: min };
}

/** At most one memory of 32-bit addresses and pages of 64 KiB, not shared. */
export function readMemorySection(draft: ProgramDraft, reader: ByteReader): void {
  const count = reader.u32();
  if (count > 1)
    throw unsupported('The program has several memories.', 'Compile without -mmultimemory.', reader.pos);
  if (count === 0) return;
  const offset = reader.pos;
  const { min, max } = readBounds(reader, 'memory');
  checkOrder(min, max, offset);
  if (min > pagesMax || (max ?? 0) > pagesMax)
    throw malformed('A 32-bit memory has at most 65,536 pages.', offset);
  const limit = draft.limits.memoryPagesMax;
  if (min > limit) {
    throw limitExceeded(
      'pages of memory at its start',
      min,
      limit,
      "Lower --initial-memory, or raise the job's memory limit.",
      offset,
    );
  }
  draft.memory = { pagesMin: min, pagesMax: max };
}

const pagesMax = 65_536;

function readBounds(reader: ByteReader, what: 'table' | 'memory'): { min: number; max: number | undefined } {
  const offset = reader.pos;
  const flags = reader.byte();
  if (flags === 2 || flags === 3) {
    throw unsupported(
      `The program has a shared ${what}.`,
      'Compile for one thread (no -pthread, no --shared-memory).',
      offset,
    );
  }
  if (flags >= 4 && flags <= 15) {
    throw unsupported(
      `The program has a 64-bit ${what} or one of custom page size.`,
      'Compile for wasm32.',
      offset,
    );
  }
  if (flags > 1) throw malformed(`The bounds of a ${what} have unknown flags.`, offset);
  const min = reader.u32();
  return { min, max: flags === 1 ? reader.u32() : undefined };
}

function checkOrder(min: number, max: number | undefined, offset: number): void {
  if (max !== undefined && max < min) throw malformed('A maximum is below its minimum.', offset);
}
