import type { SplitText } from '@taika/protocol/dispatch/jobs';
import { type GeneratedSplit, generatedHeader, generatedUnits, isGenerated } from './generated-split.ts';
import { createCsvScanner, createLineScanner, createTextLineScanner } from './record-scanner.ts';
import { createArchiveSplitter } from './split-archive.ts';
import { createBytesSplitter } from './split-bytes.ts';
import { createJsonSplitter } from './split-json.ts';
import { createPartsSplitter } from './split-parts.ts';
import { createRecordSplitter } from './split-records.ts';
import { createWholeSplitter } from './split-whole.ts';
import { defaultSplitBounds, nothing, type SplitBounds, type Splitter, type UnitRange } from './splitter.ts';

/** A split that needs no program. */
export type SplitByRecords = Exclude<SplitText, { by: 'program' }>;

/** The units of an input as they are found, with what goes before and after each, known once all units came out. */
export interface InputSplit extends AsyncIterable<UnitRange> {
  header(): UnitRange;
  trailer(): UnitRange;
}

/**
 * Splits `source` as `split` says: the units are disjoint, in the order of the input, and with header and trailer leave
 * nothing out but what an archive or an array has between two of them. A split without input reads no source. Throws
 * `SplitError` out of the iteration.
 */
export function splitInput(
  split: SplitByRecords,
  source: AsyncIterable<Uint8Array> | undefined,
  bounds: SplitBounds = defaultSplitBounds,
): InputSplit {
  if (isGenerated(split)) {
    return {
      header: () => nothing,
      trailer: () => nothing,
      async *[Symbol.asyncIterator]() {
        yield* generatedUnits({ ...split, records: sized(split.records) }, bounds);
      },
    };
  }
  const splitter = createSplitter(split, bounds);
  return {
    header: () => splitter.header(),
    trailer: () => splitter.trailer(),
    async *[Symbol.asyncIterator]() {
      for await (const chunk of source ?? []) {
        yield* splitter.push(chunk);
      }
      yield* splitter.end();
    },
  };
}

/** Bytes that go before and after each unit's own. */
export interface UnitFrame {
  readonly header: Uint8Array;
  readonly trailer: Uint8Array;
}

/** Reads what a finished split found to go around each unit. */
export async function readFrame(
  split: SplitText,
  found: Pick<InputSplit, 'header' | 'trailer'>,
  read: (range: UnitRange) => Promise<Uint8Array>,
): Promise<UnitFrame> {
  if (isGenerated(split)) {
    return { header: generatedHeader(split), trailer: new Uint8Array(0) };
  }
  const part = async (range: UnitRange) => (range.length === 0 ? new Uint8Array(0) : read(range));
  return { header: await part(found.header()), trailer: await part(found.trailer()) };
}

function createSplitter(split: Exclude<SplitByRecords, GeneratedSplit>, bounds: SplitBounds): Splitter {
  switch (split.by) {
    case 'bytes':
      return createBytesSplitter(sized(split.bytes), bounds);
    case 'lines':
      return createRecordSplitter(createLineScanner(), split.header ?? false, sized(split.records), bounds);
    case 'csv':
      return createRecordSplitter(createCsvScanner(), split.header ?? false, sized(split.records), bounds);
    case 'ndjson':
      return createRecordSplitter(createTextLineScanner(), false, sized(split.records), bounds);
    case 'json':
      return createJsonSplitter(sized(split.records), bounds);
    case 'whole':
      return createWholeSplitter(bounds);
    case 'parts':
      return createPartsSplitter(split.records, bounds);
    case 'files':
      return createArchiveSplitter(bounds);
  }
}

/** Whoever splits has turned `targetSeconds` into a number before. */
function sized(size: number | undefined): number {
  if (size === undefined) {
    throw new Error('The split says neither how much is in a unit nor was it sized.');
  }
  return size;
}
