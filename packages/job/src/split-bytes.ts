import { emptyInput, unitTooLarge } from './split-refusals.ts';
import { createUnitCutter, nothing, type SplitBounds, type Splitter, type UnitRange } from './splitter.ts';

/** Units of `unitBytes` bytes each, and a rest. */
export function createBytesSplitter(unitBytes: number, bounds: SplitBounds): Splitter {
  if (unitBytes > bounds.unitBytesMax) {
    throw unitTooLarge('split.bytes', bounds);
  }
  const cutter = createUnitCutter(bounds);
  let position = 0;
  let unitStart = 0;
  const cut = (end: number): UnitRange => {
    const range = cutter.cut({ offset: unitStart, length: end - unitStart });
    unitStart = end;
    return range;
  };
  return {
    push(chunk) {
      const found: UnitRange[] = [];
      position += chunk.length;
      while (position - unitStart >= unitBytes) {
        found.push(cut(unitStart + unitBytes));
      }
      return found;
    },
    end() {
      const found = position > unitStart ? [cut(position)] : [];
      if (cutter.units === 0) {
        throw emptyInput();
      }
      return found;
    },
    header: () => nothing,
    trailer: () => nothing,
  };
}
