import { invalid, limitExceeded } from '../admission-error.ts';
import type { ByteReader } from '../byte-reader.ts';
import type { ProgramDraft } from '../program-draft.ts';

/** The types of the functions that the module defines. */
export function readFunctionSection(draft: ProgramDraft, reader: ByteReader): void {
  const { limits } = draft;
  const count = reader.u32();
  if (count > limits.functionsMax) {
    throw limitExceeded(
      'functions',
      count,
      limits.functionsMax,
      'Link with --gc-sections, or split the program.',
      reader.pos,
    );
  }
  for (let k = 0; k < count; k++) {
    const typeIndex = reader.u32();
    if (typeIndex >= draft.types.length) throw invalid(`There is no type ${typeIndex}.`, reader.pos);
    draft.functionTypes.push(typeIndex);
  }
}
