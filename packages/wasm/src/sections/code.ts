import { AdmissionError, invalid, limitExceeded, malformed } from '../admission-error.ts';
import { ByteReader } from '../byte-reader.ts';
import type { ProgramDraft } from '../program-draft.ts';
import { BodyValidator } from '../validate-body.ts';
import { readValueType } from './types.ts';

/** The bodies of functions: declarations of locals, and code that is validated instruction by instruction. */
export function readCodeSection(draft: ProgramDraft, reader: ByteReader): void {
  const { limits } = draft;
  const bytes = reader.end - reader.pos;
  if (bytes > limits.codeBytesMax) {
    throw limitExceeded(
      'bytes of code',
      bytes,
      limits.codeBytesMax,
      'Compile with -Os and --gc-sections, or split the program.',
      reader.pos,
    );
  }
  const count = reader.u32();
  if (count !== draft.functionTypes.length - draft.imports.length) {
    throw invalid('The function section and the code section disagree.', reader.pos);
  }
  const validator = new BodyValidator(draft);
  for (let k = 0; k < count; k++) {
    const functionIndex = draft.imports.length + k;
    try {
      readBody(draft, reader, functionIndex, validator);
    } catch (error) {
      throw error instanceof AdmissionError ? error.at({ functionIndex }) : error;
    }
  }
}

function readBody(
  draft: ProgramDraft,
  reader: ByteReader,
  functionIndex: number,
  validator: BodyValidator,
): void {
  const { limits } = draft;
  const length = reader.u32();
  const start = reader.pos;
  reader.skip(length);
  if (length > limits.bodyBytesMax) {
    throw limitExceeded(
      'bytes in one function',
      length,
      limits.bodyBytesMax,
      'Split the function, or compile with -Os or less inlining.',
      start,
    );
  }
  const body = new ByteReader(draft.bytes, start, reader.pos);
  const type = draft.types[draft.functionTypes[functionIndex] as number];
  if (type === undefined) throw malformed('A function has no type.', start);
  validator.enter(type);
  const declaredLocals = readLocals(draft, body, type.params.length, validator);
  const codeStart = body.pos;
  const nesting = validator.validate(body);
  draft.bodies.push({ start, codeStart, end: reader.pos, declaredLocals, nesting });
}

function readLocals(draft: ProgramDraft, body: ByteReader, params: number, validator: BodyValidator): number {
  const { limits } = draft;
  let declared = 0;
  const offset = body.pos;
  for (let remaining = body.u32(); remaining > 0; remaining--) {
    const count = body.u32();
    const type = readValueType(body);
    declared += count;
    if (declared + params > limits.localsMax) {
      throw limitExceeded(
        'locals in one function',
        declared + params,
        limits.localsMax,
        'Keep large structures in memory.',
        offset,
      );
    }
    validator.declare(count, type);
  }
  draft.localsTotal += declared;
  if (draft.localsTotal > limits.localsTotalMax) {
    throw limitExceeded(
      'locals in all functions',
      draft.localsTotal,
      limits.localsTotalMax,
      'Split the program.',
      offset,
    );
  }
  return declared;
}
