import type { RecordScanner } from './record-scanner.ts';
import { SplitError } from './split-error.ts';
import { emptyInput, headerTooLarge, noUnit, unitTooLarge } from './split-refusals.ts';
import { createUnitCutter, nothing, type SplitBounds, type Splitter, type UnitRange } from './splitter.ts';

/**
 * Units of `recordsPerUnit` records. A unit is cut when the first record after it has ended, so that blank lines stay with
 * the unit before them and an input that ends in blank lines gets no unit without a record.
 */
export function createRecordSplitter(
  scanner: RecordScanner,
  hasHeader: boolean,
  recordsPerUnit: number,
  bounds: SplitBounds,
): Splitter {
  const cutter = createUnitCutter(bounds);
  let position = 0;
  let recordStart = 0;
  let unitStart = 0;
  let unitRecords = 0;
  let header: UnitRange | undefined = hasHeader ? undefined : nothing;

  const cut = (end: number): UnitRange => {
    const range = cutter.cut({ offset: unitStart, length: end - unitStart });
    unitStart = end;
    unitRecords = 0;
    return range;
  };

  const endRecord = (end: number, found: UnitRange[]) => {
    if (!scanner.isBlank()) {
      if (header === undefined) {
        if (end > bounds.headerBytesMax) {
          throw headerTooLarge(bounds);
        }
        header = { offset: 0, length: end };
        unitStart = end;
      } else {
        if (unitRecords === recordsPerUnit) {
          found.push(cut(recordStart));
        }
        unitRecords += 1;
      }
    }
    recordStart = end;
  };

  return {
    push(chunk) {
      const found: UnitRange[] = [];
      let from = 0;
      while (from < chunk.length) {
        const end = scanner.findEnd(chunk, from);
        if (end === -1) {
          break;
        }
        endRecord(position + end, found);
        from = end;
      }
      position += chunk.length;
      if (position - recordStart > bounds.unitBytesMax) {
        throw unitTooLarge('a single record', bounds);
      }
      return found;
    },
    end() {
      if (scanner.isInsideQuotes()) {
        throw new SplitError(
          'quote-not-closed',
          `A quoted field in the record that begins at byte ${recordStart} is never closed.`,
          'Close the quote (a quote inside a field is written twice), or split by lines.',
        );
      }
      const found: UnitRange[] = [];
      if (recordStart < position) {
        endRecord(position, found);
      }
      if (unitRecords > 0) {
        found.push(cut(position));
      }
      if (cutter.units === 0) {
        throw header === undefined || header.length === 0
          ? emptyInput()
          : noUnit('The input holds nothing after its header.', 'Add records, or set split.header to false.');
      }
      return found;
    },
    header: () => header ?? nothing,
    trailer: () => nothing,
  };
}
