/**
 * Admission: the one gate between a customer's bytes and everything that runs them. A strict decoder over an allow-list:
 * what it does not know, it refuses, so the passes behind it can rely on every index, type and stack height, and need no
 * checks of their own. It validates by itself instead of asking the engine, because the rewriter must agree with the
 * engine on what a module *means*, in engines of several makers and versions.
 *
 * Time and memory are linear in the module's size; every list is bounded before it is allocated.
 */
import { AdmissionError, invalid, limitExceeded, malformed, unsupported } from './admission-error.ts';
import { type AdmissionLimits, defaultAdmissionLimits } from './admission-limits.ts';
import { ByteReader } from './byte-reader.ts';
import { findFunctionName } from './function-name.ts';
import { type AdmittedProgram, sectionId } from './program.ts';
import { emptyDraft, type ProgramDraft } from './program-draft.ts';
import { readCodeSection } from './sections/code.ts';
import { readExportSection, requireCommand, requireCounter } from './sections/exports.ts';
import { readFunctionSection } from './sections/functions.ts';
import { readGlobalSection } from './sections/globals.ts';
import { readImportSection } from './sections/imports.ts';
import { readMemorySection, readTableSection } from './sections/memory-table.ts';
import { readDataCountSection, readDataSection, readElementSection } from './sections/segments.ts';
import { readTypeSection } from './sections/types.ts';

/**
 * Decodes and validates a module, and checks that the sandbox can run it.
 * Throws `AdmissionError`, and nothing else, when it is refused. The result points into `bytes`: do not change them.
 */
export function admitProgram(bytes: Uint8Array, limits: Partial<AdmissionLimits> = {}): AdmittedProgram {
  try {
    return readModule(emptyDraft(bytes, { ...defaultAdmissionLimits, ...limits }));
  } catch (error) {
    if (error instanceof AdmissionError && error.functionIndex !== undefined) {
      throw error.at({ functionName: findFunctionName(bytes, error.functionIndex) });
    }
    throw error;
  }
}

/** Refuses a module for its size alone, before anybody reads it. Throws `AdmissionError`. */
export function checkModuleBytes(bytes: number, max: number = defaultAdmissionLimits.moduleBytesMax): void {
  if (bytes <= max) return;
  const remedy = 'Move data into job files, and strip debug information (-Wl,-s).';
  throw limitExceeded('bytes', bytes, max, remedy);
}

function readModule(draft: ProgramDraft): AdmittedProgram {
  const { bytes, limits } = draft;
  checkModuleBytes(bytes.length, limits.moduleBytesMax);
  const reader = new ByteReader(bytes, 0, bytes.length);
  readPreamble(reader);
  let lastRank = 0;
  while (reader.pos < bytes.length) {
    const offset = reader.pos;
    const id = reader.byte();
    const length = reader.u32();
    const start = reader.pos;
    reader.skip(length);
    if (id === sectionId.custom) {
      new ByteReader(bytes, start, reader.pos).name();
      continue;
    }
    const rank = sectionOrder.indexOf(id) + 1;
    if (id === 13) {
      throw unsupported(
        'The program uses exceptions.',
        'Compile without them (-fno-exceptions, -mno-exception-handling).',
        offset,
      );
    }
    if (rank === 0) throw malformed(`There is no section ${id}.`, offset);
    if (rank <= lastRank) throw malformed('A section is repeated or out of order.', offset);
    lastRank = rank;
    draft.sections.push({ id, start, end: reader.pos });
    readSection(draft, id, new ByteReader(bytes, start, reader.pos));
  }
  return finish(draft);
}

function readPreamble(reader: ByteReader): void {
  const preamble = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];
  for (const [offset, expected] of preamble.entries()) {
    if (reader.pos >= reader.end || reader.byte() !== expected) {
      throw malformed('This is not a WebAssembly module of version 1.', offset);
    }
  }
}

/** The order that the specification demands. */
const sectionOrder: readonly number[] = [
  sectionId.type,
  sectionId.import,
  sectionId.function,
  sectionId.table,
  sectionId.memory,
  sectionId.global,
  sectionId.export,
  sectionId.start,
  sectionId.element,
  sectionId.dataCount,
  sectionId.code,
  sectionId.data,
];

function readSection(draft: ProgramDraft, id: number, reader: ByteReader): void {
  switch (id) {
    case sectionId.type:
      readTypeSection(draft, reader);
      break;
    case sectionId.import:
      readImportSection(draft, reader);
      break;
    case sectionId.function:
      readFunctionSection(draft, reader);
      break;
    case sectionId.table:
      readTableSection(draft, reader);
      break;
    case sectionId.memory:
      readMemorySection(draft, reader);
      break;
    case sectionId.global:
      readGlobalSection(draft, reader);
      break;
    case sectionId.export:
      readExportSection(draft, reader);
      break;
    case sectionId.start:
      throw unsupported(
        'The program has a start function, which would run before it is entered.',
        'Export the code as _start instead (AssemblyScript: --exportStart _start).',
        reader.pos,
      );
    case sectionId.element:
      readElementSection(draft, reader);
      break;
    case sectionId.dataCount:
      readDataCountSection(draft, reader);
      break;
    case sectionId.code:
      readCodeSection(draft, reader);
      break;
    default:
      readDataSection(draft, reader);
  }
  if (reader.pos !== reader.end) throw malformed('A section is longer than its content.', reader.pos);
}

function finish(draft: ProgramDraft): AdmittedProgram {
  const defined = draft.functionTypes.length - draft.imports.length;
  if (draft.bodies.length !== defined)
    throw invalid(`${defined} functions are declared, ${draft.bodies.length} have a body.`);
  if (draft.dataCount !== undefined && draft.dataCount !== draft.dataSegments) {
    throw invalid('The data count section disagrees with the data section.');
  }
  if (draft.limits.commandOnly) requireCommand(draft);
  if (draft.limits.rewritten) requireCounter(draft);
  const addressTaken = new Uint8Array(draft.functionTypes.length);
  for (const index of draft.addressTaken) addressTaken[index] = 1;
  const exported = new Uint8Array(draft.functionTypes.length);
  for (const item of draft.exports) if (item.kind === 'function') exported[item.index] = 1;
  return {
    bytes: draft.bytes,
    types: draft.types,
    imports: draft.imports,
    functionTypes: Uint32Array.from(draft.functionTypes),
    bodies: draft.bodies,
    memory: draft.memory,
    globals: draft.globals,
    exports: draft.exports,
    addressTaken,
    exported,
    sections: draft.sections,
    dataBytes: draft.dataBytes,
    tableEntries: (draft.table?.entriesMin ?? 0) + draft.elementEntries,
    growsMemory: draft.growsMemory,
    codeBytes: draft.bodies.reduce((sum, body) => sum + (body.end - body.start), 0),
  };
}
