import { limitExceeded, malformed, unsupported } from '../admission-error.ts';
import type { ByteReader } from '../byte-reader.ts';
import { isValueType } from '../opcodes.ts';
import type { ProgramDraft } from '../program-draft.ts';

const functionForm = 0x60;

/** Function types. Each is bounded so that checking a branch or a call takes constant time. */
export function readTypeSection(draft: ProgramDraft, reader: ByteReader): void {
  const { limits } = draft;
  const count = reader.u32();
  if (count > limits.typesMax)
    throw limitExceeded('types', count, limits.typesMax, 'Split the program.', reader.pos);
  for (let k = 0; k < count; k++) {
    const offset = reader.pos;
    const form = reader.byte();
    if (form >= 0x4e && form <= 0x5f) {
      throw unsupported(
        'The program uses garbage-collected types.',
        'Compile for linear memory (without -mgc).',
        offset,
      );
    }
    if (form !== functionForm) throw malformed('A type is not a function type.', offset);
    const params = readTypes(reader, limits.paramsMax, 'parameters in a function type');
    const results = readTypes(reader, limits.resultsMax, 'results in a function type');
    draft.types.push({ params, results });
  }
}

function readTypes(reader: ByteReader, limit: number, what: string): Uint8Array {
  const offset = reader.pos;
  const count = reader.u32();
  if (count > limit)
    throw limitExceeded(what, count, limit, 'Pass a pointer to a structure instead.', offset);
  const types = new Uint8Array(count);
  for (let k = 0; k < count; k++) types[k] = readValueType(reader);
  return types;
}

/** A number or vector type; references are not values here. */
export function readValueType(reader: ByteReader): number {
  const offset = reader.pos;
  const type = reader.byte();
  if (isValueType(type)) return type;
  if (type >= 0x63 && type <= 0x75) {
    throw unsupported('The program uses reference values.', 'Compile without -mreference-types.', offset);
  }
  throw malformed(`There is no value type 0x${type.toString(16)}.`, offset);
}
