import { createJsonArrayScanner, JsonArrayError, type JsonMark } from './json-array-scanner.ts';
import { SplitError } from './split-error.ts';
import { headerTooLarge, noUnit, unitTooLarge } from './split-refusals.ts';
import { createUnitCutter, nothing, type SplitBounds, type Splitter, type UnitRange } from './splitter.ts';

/**
 * Units of `elementsPerUnit` elements of one JSON array. Header and trailer are what stands before the first element and
 * after the last, brackets included, so that each unit is an array of its own. The comma between two units is in neither.
 */
export function createJsonSplitter(elementsPerUnit: number, bounds: SplitBounds): Splitter {
  const scanner = createJsonArrayScanner();
  const cutter = createUnitCutter(bounds);
  let position = 0;
  let unitStart = 0;
  let elements = 0;
  let header = nothing;
  let closeAt: number | undefined;

  const cut = (end: number): UnitRange => {
    const range = cutter.cut({ offset: unitStart, length: end - unitStart });
    unitStart = end + 1;
    elements = 0;
    return range;
  };

  const meet = ({ kind, at }: JsonMark): UnitRange | undefined => {
    switch (kind) {
      case 'open':
        unitStart = at + 1;
        header = { offset: 0, length: unitStart };
        if (header.length > bounds.headerBytesMax) {
          throw headerTooLarge(bounds);
        }
        return undefined;
      case 'content':
        elements += 1;
        return undefined;
      case 'comma':
        return elements === elementsPerUnit ? cut(at) : undefined;
      case 'close':
        closeAt = at;
        return elements > 0 ? cut(at) : undefined;
    }
  };

  return {
    push: (chunk) =>
      refusing(() => {
        const found: UnitRange[] = [];
        for (let from = 0; ; ) {
          const mark = scanner.next(chunk, from);
          if (mark === undefined) {
            break;
          }
          const range = meet({ kind: mark.kind, at: position + mark.at });
          if (range !== undefined) {
            found.push(range);
          }
          from = mark.at + 1;
        }
        position += chunk.length;
        if (closeAt === undefined && position - unitStart > bounds.unitBytesMax) {
          throw unitTooLarge('a unit', bounds);
        }
        return found;
      }),
    end: () =>
      refusing(() => {
        scanner.end();
        if (cutter.units === 0) {
          throw noUnit('The array has no elements, so there is nothing to compute.', 'Check the input.');
        }
        if (position - (closeAt ?? 0) > bounds.headerBytesMax) {
          throw headerTooLarge(bounds);
        }
        return [];
      }),
    header: () => header,
    trailer: () => (closeAt === undefined ? nothing : { offset: closeAt, length: position - closeAt }),
  };
}

function refusing<T>(step: () => T): T {
  try {
    return step();
  } catch (error) {
    if (!(error instanceof JsonArrayError)) throw error;
    throw new SplitError(
      'not-json-array',
      `The input is not one JSON array: ${error.message}.`,
      'Send an array, or split by ndjson where each line is a value of its own.',
    );
  }
}
