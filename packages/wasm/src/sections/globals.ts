import { limitExceeded, malformed } from '../admission-error.ts';
import type { ByteReader } from '../byte-reader.ts';
import type { ProgramDraft } from '../program-draft.ts';
import { readConstant } from './constants.ts';
import { readValueType } from './types.ts';

/** Global variables, each with a constant to start with. */
export function readGlobalSection(draft: ProgramDraft, reader: ByteReader): void {
  const { limits } = draft;
  const count = reader.u32();
  if (count > limits.globalsMax)
    throw limitExceeded('globals', count, limits.globalsMax, 'Keep them in memory.', reader.pos);
  for (let k = 0; k < count; k++) {
    const type = readValueType(reader);
    const mutability = reader.byte();
    if (mutability > 1) throw malformed('A global is neither constant nor variable.', reader.pos - 1);
    const initStart = reader.pos;
    readConstant(reader, type);
    draft.globals.push({ type, mutable: mutability === 1, initStart });
  }
}
