import type { SplitText } from '@taika/protocol/dispatch/jobs';
import { limits } from '@taika/protocol/limits';
import {
  createCsvScanner,
  createLineScanner,
  createTextLineScanner,
  type RecordScanner,
} from './record-scanner.ts';
import { SplitError } from './split-error.ts';

/**
 * Where a unit lies: bytes of the input, or, for a `range` split, places in the sequence of its numbers
 * (`offset` numbers come before, `length` belong to the unit).
 */
export interface UnitRange {
  readonly offset: number;
  readonly length: number;
}

/** Bounds that a split keeps. */
export interface SplitBounds {
  readonly unitsMax: number;
  /** Bytes of one unit. */
  readonly unitBytesMax: number;
  /** Bytes of the header, which travels with the job's description to every terminal. */
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
  /** The header, as soon as it was seen; empty where the split has none. */
  header(): UnitRange;
}

/** The units of an input as they are found, and its header once the first unit came out. */
export interface InputSplit extends AsyncIterable<UnitRange> {
  header(): UnitRange;
}

/**
 * Splits `source` as `split` says: the units are consecutive and disjoint and, after the header, leave nothing
 * out. A `range` split reads no source. Throws `SplitError` out of the iteration.
 */
export function splitInput(
  split: SplitText,
  source: AsyncIterable<Uint8Array> | undefined,
  bounds: SplitBounds = defaultSplitBounds,
): InputSplit {
  const splitter = createSplitter(split, bounds);
  return {
    header: () => splitter.header(),
    async *[Symbol.asyncIterator]() {
      if (split.by === 'range') {
        yield* rangeUnits(split, bounds);
        return;
      }
      for await (const chunk of source ?? []) {
        yield* splitter.push(chunk);
      }
      yield* splitter.end();
    },
  };
}

/** Creates the splitter behind `splitInput`, for whoever takes units in batches. */
export function createSplitter(split: SplitText, bounds: SplitBounds = defaultSplitBounds): Splitter {
  switch (split.by) {
    case 'bytes':
      return createBytesSplitter(split.bytes, bounds);
    case 'lines':
      return createRecordSplitter(createLineScanner(), split.header ?? false, split.records, bounds);
    case 'csv':
      return createRecordSplitter(createCsvScanner(), split.header ?? false, split.records, bounds);
    case 'ndjson':
      return createRecordSplitter(createTextLineScanner(), false, split.records, bounds);
    case 'whole':
      return createWholeSplitter(bounds);
    case 'range':
      return { push: () => [], end: () => [...rangeUnits(split, bounds)], header: () => nothing };
  }
}

/** The units of a `range` split. Throws `SplitError` before the first one when they are none or too many. */
export function* rangeUnits(
  split: Extract<SplitText, { by: 'range' }>,
  bounds: SplitBounds = defaultSplitBounds,
): Generator<UnitRange> {
  const count = Math.max(0, Math.ceil((split.to - split.from) / (split.step ?? 1)));
  if (count === 0) {
    throw noUnit('The range is empty.', 'Set split.to above split.from.');
  }
  if (split.records > rangeRecordsMax) {
    throw new SplitError(
      'unit-too-large',
      `A unit of a range holds at most ${rangeRecordsMax} numbers, and split.records is ${split.records}.`,
      'Lower split.records, or raise split.step and let the program walk each step by itself.',
    );
  }
  if (Math.ceil(count / split.records) > bounds.unitsMax) {
    throw tooManyUnits(bounds);
  }
  for (let offset = 0; offset < count; offset += split.records) {
    yield { offset, length: Math.min(split.records, count - offset) };
  }
}

/** A unit's numbers are written out as text and travel inline: this many are about 2 MB. */
const rangeRecordsMax = 200_000;
const nothing: UnitRange = { offset: 0, length: 0 };

function createBytesSplitter(unitBytes: number, bounds: SplitBounds): Splitter {
  if (unitBytes > bounds.unitBytesMax) {
    throw unitTooLarge('split.bytes', bounds);
  }
  let position = 0;
  let unitStart = 0;
  let units = 0;
  const cut = (end: number): UnitRange => {
    units += 1;
    if (units > bounds.unitsMax) {
      throw tooManyUnits(bounds);
    }
    const range = { offset: unitStart, length: end - unitStart };
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
      if (units === 0) {
        throw emptyInput();
      }
      return found;
    },
    header: () => nothing,
  };
}

/** One unit, and also of nothing: a program may have something to say of an empty result. */
function createWholeSplitter(bounds: SplitBounds): Splitter {
  let length = 0;
  return {
    push(chunk) {
      length += chunk.length;
      if (length > bounds.unitBytesMax) {
        throw unitTooLarge('the input', bounds);
      }
      return [];
    },
    end: () => [{ offset: 0, length }],
    header: () => nothing,
  };
}

/**
 * A unit is cut when the first record after it has ended, so that blank lines stay with the unit before them
 * and an input that ends in blank lines gets no unit without a record.
 */
function createRecordSplitter(
  scanner: RecordScanner,
  hasHeader: boolean,
  recordsPerUnit: number,
  bounds: SplitBounds,
): Splitter {
  let position = 0;
  let recordStart = 0;
  let unitStart = 0;
  let unitRecords = 0;
  let units = 0;
  let header: UnitRange | undefined = hasHeader ? undefined : nothing;

  const cut = (end: number): UnitRange => {
    const range = { offset: unitStart, length: end - unitStart };
    if (range.length > bounds.unitBytesMax) {
      throw unitTooLarge(`unit ${units}`, bounds);
    }
    units += 1;
    if (units > bounds.unitsMax) {
      throw tooManyUnits(bounds);
    }
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
      if (units === 0) {
        throw header === undefined || header.length === 0
          ? emptyInput()
          : noUnit('The input holds nothing after its header.', 'Add records, or set split.header to false.');
      }
      return found;
    },
    header: () => header ?? nothing,
  };
}

function noUnit(reason: string, remedy: string): SplitError {
  return new SplitError('no-unit', reason, remedy);
}

function emptyInput(): SplitError {
  return noUnit('The input is empty, so there is nothing to compute.', 'Check that the right file was sent.');
}

function tooManyUnits({ unitsMax }: SplitBounds): SplitError {
  return new SplitError(
    'too-many-units',
    `The input makes more than ${unitsMax} units.`,
    'Put more into each unit: raise split.records or split.bytes.',
  );
}

function unitTooLarge(what: string, { unitBytesMax }: SplitBounds): SplitError {
  return new SplitError(
    'unit-too-large',
    `A unit holds at most ${unitBytesMax} bytes, and ${what} is larger.`,
    'Lower split.records or split.bytes, or check that split.by fits the file.',
  );
}

function headerTooLarge({ headerBytesMax }: SplitBounds): SplitError {
  return new SplitError(
    'header-too-large',
    `The header is longer than ${headerBytesMax} bytes.`,
    'Check that the first line is a header, or set split.header to false.',
  );
}
