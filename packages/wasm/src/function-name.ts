import { ByteReader } from './byte-reader.ts';

/**
 * The name of a function, from the module's name section, for the message of a refusal. Undefined when there is none:
 * the section is optional and unchecked, so anything odd in it means "no name", never an error.
 */
export function findFunctionName(bytes: Uint8Array, functionIndex: number): string | undefined {
  try {
    const reader = new ByteReader(bytes, 8, bytes.length);
    while (reader.pos < reader.end) {
      const id = reader.byte();
      const length = reader.u32();
      const end = reader.pos + length;
      if (id === 0) {
        const section = new ByteReader(bytes, reader.pos, end);
        if (section.name() === 'name') return nameInSection(section, functionIndex);
      }
      reader.skip(length);
    }
    return undefined;
  } catch {
    return undefined;
  }
}

const functionNamesSubsection = 1;

function nameInSection(section: ByteReader, functionIndex: number): string | undefined {
  while (section.pos < section.end) {
    const id = section.byte();
    const end = section.u32() + section.pos;
    if (id !== functionNamesSubsection) {
      section.skip(end - section.pos);
      continue;
    }
    for (let remaining = section.u32(); remaining > 0; remaining--) {
      const index = section.u32();
      const name = section.name();
      if (index === functionIndex) return name.slice(0, nameLengthMax);
    }
    return undefined;
  }
  return undefined;
}

/** Mangled names can be long; a message should not be. */
const nameLengthMax = 200;
