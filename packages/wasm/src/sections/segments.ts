import { invalid, limitExceeded, malformed, unsupported } from '../admission-error.ts';
import type { ByteReader } from '../byte-reader.ts';
import { i32, op } from '../opcodes.ts';
import type { ProgramDraft } from '../program-draft.ts';
import { readConstant } from './constants.ts';

/**
 * Element segments: active ones of functions for the one table. Passive and declared ones serve instructions on
 * references, none of which is on the allow-list.
 */
export function readElementSection(draft: ProgramDraft, reader: ByteReader): void {
  const count = reader.u32();
  draft.elementSegments = count;
  checkSegments(draft, reader.pos);
  for (let k = 0; k < count; k++) readElementSegment(draft, reader);
}

function readElementSegment(draft: ProgramDraft, reader: ByteReader): void {
  const offset = reader.pos;
  const flags = reader.u32();
  if (flags > 7) throw malformed('An element segment has unknown flags.', offset);
  if ((flags & 1) !== 0) {
    throw unsupported(
      'The program has a passive element segment.',
      'Compile without -mreference-types.',
      offset,
    );
  }
  const explicit = (flags & 2) !== 0;
  const expressions = (flags & 4) !== 0;
  const table = explicit ? reader.u32() : 0;
  if (table !== 0 || draft.table === undefined) throw invalid(`There is no table ${table}.`, offset);
  readConstant(reader, i32);
  if (explicit && reader.byte() !== (expressions ? 0x70 : 0x00)) {
    throw unsupported(
      'An element segment holds something other than functions.',
      'Compile without -mreference-types.',
      offset,
    );
  }
  const entries = reader.u32();
  draft.elementEntries += entries;
  const limit = draft.limits.tableEntriesMax;
  if (draft.elementEntries > limit) {
    throw limitExceeded(
      'entries in element segments',
      draft.elementEntries,
      limit,
      'Split the program.',
      offset,
    );
  }
  for (let k = 0; k < entries; k++) readEntry(draft, reader, expressions);
}

function readEntry(draft: ProgramDraft, reader: ByteReader, expression: boolean): void {
  const offset = reader.pos;
  if (expression) {
    const opcode = reader.byte();
    if (opcode === refNull) {
      if (reader.byte() !== 0x70 || reader.byte() !== op.end)
        throw malformed('A null entry is not of functions.', offset);
      return;
    }
    if (opcode !== refFunc)
      throw unsupported('An element is not a function.', 'Compile without -mreference-types.', offset);
  }
  const index = reader.u32();
  if (index >= draft.functionTypes.length) throw invalid(`There is no function ${index}.`, offset);
  draft.addressTaken.add(index);
  if (expression && reader.byte() !== op.end) throw malformed('An element is not a single function.', offset);
}

const refNull = 0xd0;
const refFunc = 0xd2;

export function readDataCountSection(draft: ProgramDraft, reader: ByteReader): void {
  draft.dataCount = reader.u32();
}

/** Data segments, active or passive. Their bytes are bounded: they are copied for every unit. */
export function readDataSection(draft: ProgramDraft, reader: ByteReader): void {
  const { limits } = draft;
  const count = reader.u32();
  draft.dataSegments = count;
  checkSegments(draft, reader.pos);
  for (let k = 0; k < count; k++) {
    const offset = reader.pos;
    const flags = reader.u32();
    if (flags > 2) throw malformed('A data segment has unknown flags.', offset);
    if (flags !== 1) {
      const memory = flags === 2 ? reader.u32() : 0;
      if (memory !== 0 || draft.memory === undefined) throw invalid(`There is no memory ${memory}.`, offset);
      readConstant(reader, i32);
    }
    const length = reader.u32();
    reader.skip(length);
    draft.dataBytes += length;
    if (draft.dataBytes > limits.dataBytesMax) {
      throw limitExceeded(
        'bytes of data',
        draft.dataBytes,
        limits.dataBytesMax,
        'Give large tables to the job as files.',
        offset,
      );
    }
  }
}

function checkSegments(draft: ProgramDraft, offset: number): void {
  const found = draft.dataSegments + draft.elementSegments;
  const limit = draft.limits.segmentsMax;
  if (found > limit) throw limitExceeded('segments', found, limit, 'Link with --gc-sections.', offset);
}
