import type { SplitText } from '@taika/protocol/dispatch/jobs';
import { gridHeader, gridRecord, gridRecordCount } from './grid.ts';
import { SplitError } from './split-error.ts';
import { noUnit, tooManyUnits } from './split-refusals.ts';
import { defaultSplitBounds, type SplitBounds, type UnitRange } from './splitter.ts';

/** A split that makes its records itself and reads no input. */
export type GeneratedSplit = Extract<SplitText, { by: 'range' | 'grid' }>;

export function isGenerated(split: SplitText): split is GeneratedSplit {
  return split.by === 'range' || split.by === 'grid';
}

/** The units of a split without input. Throws `SplitError` before the first one when they are none or too many. */
export function* generatedUnits(
  split: GeneratedSplit & { readonly records: number },
  bounds: SplitBounds = defaultSplitBounds,
): Generator<UnitRange> {
  const count = recordCount(split);
  if (count === 0) {
    throw noUnit(`The ${split.by} is empty.`, 'Set `to` above `from`.');
  }
  if (split.records > recordsMax && count > recordsMax) {
    throw new SplitError(
      'unit-too-large',
      `A unit of a ${split.by} holds at most ${recordsMax} records, and split.records is ${split.records}.`,
      'Lower split.records, or let the program walk a part of the way by itself.',
    );
  }
  if (Math.ceil(count / split.records) > bounds.unitsMax) {
    throw tooManyUnits(bounds);
  }
  for (let offset = 0; offset < count; offset += split.records) {
    yield { offset, length: Math.min(split.records, count - offset) };
  }
}

/** What goes before each unit of a split without input: the names of a grid's axes. */
export function generatedHeader(split: GeneratedSplit): Uint8Array {
  return new TextEncoder().encode(split.by === 'grid' ? gridHeader(split.axes) : '');
}

/** A unit's records as text, one a line, each line ended by LF; without the header. */
export function generatedInput(split: GeneratedSplit, unit: UnitRange): Uint8Array {
  let text = '';
  for (let index = unit.offset; index < unit.offset + unit.length; index++) {
    text += split.by === 'range' ? rangeRecord(split, index) : gridRecord(split.axes, index);
  }
  return new TextEncoder().encode(text);
}

/** Records travel inline as text: this many numbers are about 2 MB. */
export const recordsMax = 200_000;

function recordCount(split: GeneratedSplit): number {
  return split.by === 'range'
    ? Math.max(0, Math.ceil((split.to - split.from) / (split.step ?? 1)))
    : gridRecordCount(split.axes);
}

function rangeRecord(split: Extract<SplitText, { by: 'range' }>, index: number): string {
  return `${split.from + index * (split.step ?? 1)}\n`;
}
