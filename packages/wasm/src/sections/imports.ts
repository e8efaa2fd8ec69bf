import { AdmissionError, invalid, limitExceeded } from '../admission-error.ts';
import { type AllowedImportType, allowedImportType, importModule } from '../allowed-imports.ts';
import type { ByteReader } from '../byte-reader.ts';
import type { FunctionType } from '../program.ts';
import type { ProgramDraft } from '../program-draft.ts';

/** Imports: functions of WASI preview 1 with exactly their types, and nothing else. */
export function readImportSection(draft: ProgramDraft, reader: ByteReader): void {
  const { limits } = draft;
  const count = reader.u32();
  if (count > limits.importsMax)
    throw limitExceeded('imports', count, limits.importsMax, 'Remove unused ones.', reader.pos);
  for (let k = 0; k < count; k++) readImport(draft, reader);
}

function readImport(draft: ProgramDraft, reader: ByteReader): void {
  const offset = reader.pos;
  const from = reader.name();
  const name = reader.name();
  const kind = reader.byte();
  const refuse = (reason: string, remedy: string) =>
    new AdmissionError('forbidden-import', reason, remedy, { offset, functionIndex: undefined });
  if (kind !== 0) {
    throw refuse(
      `The program imports "${from}.${name}", which is not a function.`,
      'Let the program define its own memory, table and globals (no --import-memory, no -pthread).',
    );
  }
  const typeIndex = reader.u32();
  const type = draft.types[typeIndex];
  if (type === undefined) throw invalid(`There is no type ${typeIndex}.`, offset);
  const allowed = from === importModule ? allowedImportType(name) : undefined;
  if (allowed === undefined) {
    throw refuse(
      `The program imports "${from}.${name}", which the sandbox does not have.`,
      `Build a WASI preview 1 command (--target=wasm32-wasi, GOOS=wasip1, wasm32-wasip1); only ${importModule} may be imported.`,
    );
  }
  if (!sameType(type, allowed)) {
    throw refuse(
      `The program imports "${from}.${name}" with a type that is not WASI's.`,
      'Declare it as WASI preview 1 does.',
    );
  }
  // Functions are told apart by their names from here on, and no compiler imports one twice.
  if (draft.imports.some((item) => item.name === name)) {
    throw refuse(`The program imports "${from}.${name}" twice.`, 'Import each function once.');
  }
  draft.imports.push({ name, typeIndex });
  draft.functionTypes.push(typeIndex);
}

function sameType(type: FunctionType, allowed: AllowedImportType): boolean {
  return (
    type.params.length === allowed.params.length &&
    type.results.length === allowed.results.length &&
    allowed.params.every((param, k) => type.params[k] === param) &&
    allowed.results.every((result, k) => type.results[k] === result)
  );
}
