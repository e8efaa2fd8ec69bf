import { AdmissionError, invalid, limitExceeded, malformed } from '../admission-error.ts';
import type { ByteReader } from '../byte-reader.ts';
import { i64 } from '../opcodes.ts';
import type { ExportedItem } from '../program.ts';
import type { ProgramDraft } from '../program-draft.ts';
import { fuelExport, memoryExport, reservedPrefix, startExport } from '../reserved.ts';

const kinds = ['function', 'table', 'memory', 'global'] as const;

/** Exports: distinct names, existing things, and none of the platform's names. */
export function readExportSection(draft: ProgramDraft, reader: ByteReader): void {
  const { limits } = draft;
  const count = reader.u32();
  if (count > limits.exportsMax)
    throw limitExceeded('exports', count, limits.exportsMax, 'Export only _start and memory.', reader.pos);
  const names = new Set<string>();
  for (let k = 0; k < count; k++) {
    const offset = reader.pos;
    const item = readExport(draft, reader);
    if (item.name.startsWith(reservedPrefix) && !(limits.rewritten && item.name === fuelExport)) {
      throw new AdmissionError(
        'reserved-name',
        `The program exports "${item.name}", a name that belongs to the platform.`,
        'Upload the program as your compiler wrote it, not one that was rewritten before.',
        { offset },
      );
    }
    if (names.has(item.name)) throw invalid(`"${item.name}" is exported twice.`, offset);
    names.add(item.name);
    draft.exports.push(item);
  }
}

/** Refuses what is not a WASI command. */
export function requireCommand(draft: ProgramDraft): void {
  const start = draft.exports.find((item) => item.name === startExport);
  const type =
    start?.kind === 'function' ? draft.types[draft.functionTypes[start.index] as number] : undefined;
  if (type === undefined || type.params.length > 0 || type.results.length > 0) {
    throw new AdmissionError(
      'not-a-command',
      'The program does not export a function "_start" without parameters and results.',
      'Build a command, not a library (C: no -mexec-model=reactor; AssemblyScript: --exportStart _start).',
    );
  }
  if (!draft.exports.some((item) => item.name === memoryExport && item.kind === 'memory')) {
    throw new AdmissionError(
      'not-a-command',
      'The program does not export its memory as "memory".',
      'Link with --export-memory (the default of WASI toolchains).',
    );
  }
}

/** Refuses what has no fuel counter that the host can read and set. */
export function requireCounter(draft: ProgramDraft): void {
  const counter = draft.exports.find((item) => item.name === fuelExport);
  const variable = counter?.kind === 'global' ? draft.globals[counter.index] : undefined;
  if (variable?.type === i64 && variable.mutable) return;
  throw new AdmissionError(
    'not-a-command',
    `The program does not export a mutable i64 "${fuelExport}": it was not rewritten.`,
    'Run it as `taika program meter` writes it.',
  );
}

function readExport(draft: ProgramDraft, reader: ByteReader): ExportedItem {
  const name = reader.name();
  const offset = reader.pos;
  const kind = kinds[reader.byte()];
  if (kind === undefined) throw malformed('An export is of an unknown kind.', offset);
  const index = reader.u32();
  if (index >= countOf(draft, kind))
    throw invalid(`"${name}" exports a ${kind} that does not exist.`, offset);
  return { name, kind, index };
}

function countOf(draft: ProgramDraft, kind: ExportedItem['kind']): number {
  switch (kind) {
    case 'function':
      return draft.functionTypes.length;
    case 'table':
      return draft.table === undefined ? 0 : 1;
    case 'memory':
      return draft.memory === undefined ? 0 : 1;
    case 'global':
      return draft.globals.length;
  }
}
