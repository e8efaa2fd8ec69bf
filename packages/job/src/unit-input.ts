import type { SplitText } from '@taika/protocol/dispatch/jobs';
import type { UnitRange } from './split.ts';

/** What the program reads for a unit of an input: the input's header, where the split has one, and the unit's bytes. */
export function unitInput(header: Uint8Array, bytes: Uint8Array): Uint8Array {
  if (header.length === 0) {
    return bytes;
  }
  const joined = new Uint8Array(header.length + bytes.length);
  joined.set(header);
  joined.set(bytes, header.length);
  return joined;
}

/** What the program reads for a unit of a `range` split: its numbers, one a line, each line ended by LF. */
export function rangeInput(split: Extract<SplitText, { by: 'range' }>, unit: UnitRange): Uint8Array {
  const step = split.step ?? 1;
  let text = '';
  for (let index = unit.offset; index < unit.offset + unit.length; index++) {
    text += `${split.from + index * step}\n`;
  }
  return new TextEncoder().encode(text);
}
