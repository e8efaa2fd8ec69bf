import { limits } from '@taika/protocol/limits';
import { tooManyUnits, unitTooLarge } from './split-refusals.ts';

/**
 * Where a unit lies: bytes of the input, or, for a split without input, places in the sequence of its records (`offset`
 * records come before, `length` belong to the unit).
 */
export interface UnitRange {
  readonly offset: number;
  readonly length: number;
  /** The file's name, where a unit is a file. */
  readonly name?: string;
}

/** Bounds that a split keeps. */
export interface SplitBounds {
  readonly unitsMax: number;
  /** Bytes of one unit. */
  readonly unitBytesMax: number;
  /** Bytes of the header, which travels with the job's description to every terminal; the trailer's bound too. */
  readonly headerBytesMax: number;
}

export const defaultSplitBounds: SplitBounds = {
  unitsMax: limits.jobUnitsMax,
  unitBytesMax: 1024 ** 3,
  headerBytesMax: 64 * 1024,
};

/** Splits an input that is pushed in piece by piece. Holds a few numbers, never the input. */
export interface Splitter {
  /** The units that are known to be complete after these further bytes. Throws `SplitError`. */
  push(chunk: Uint8Array): UnitRange[];
  /** The units that the end of the input completes. Throws `SplitError`, also when there is no unit at all. */
  end(): UnitRange[];
  /** What goes before each unit's bytes, as soon as it was seen; empty where the split has none. */
  header(): UnitRange;
  /** What goes after each unit's bytes, known at the end; empty where the split has none. */
  trailer(): UnitRange;
}

/** An empty range: no header, no trailer. */
export const nothing: UnitRange = { offset: 0, length: 0 };

/** Counts units and holds each to the bounds. */
export interface UnitCutter {
  readonly units: number;
  /** The next unit. Throws `SplitError`. */
  cut(range: UnitRange): UnitRange;
}

/** Creates a cutter that has cut nothing yet. */
export function createUnitCutter(bounds: SplitBounds): UnitCutter {
  let units = 0;
  return {
    get units() {
      return units;
    },
    cut(range) {
      if (range.length > bounds.unitBytesMax) {
        throw unitTooLarge(range.name === undefined ? `unit ${units}` : `the file ${range.name}`, bounds);
      }
      units += 1;
      if (units > bounds.unitsMax) {
        throw tooManyUnits(bounds);
      }
      return range;
    },
  };
}
