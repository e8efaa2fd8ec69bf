import type { MergeText } from '@taika/protocol/dispatch/jobs';
import { MergeError } from './merge-error.ts';
import { createCsvScanner, type RecordScanner } from './record-scanner.ts';

/** One unit's output: whole, or as a stream where it is long. */
export type UnitOutput = Uint8Array | AsyncIterable<Uint8Array>;

/**
 * The job's result from its units' outputs, which must come in the order of the input. Streams: holds one chunk
 * and, for csv, the header. Throws `MergeError` out of the iteration.
 */
export async function* mergeOutputs(
  merge: MergeText,
  outputs: AsyncIterable<UnitOutput> | Iterable<UnitOutput>,
): AsyncGenerator<Uint8Array> {
  const merger = createMerger(merge);
  for await (const output of outputs) {
    if (output instanceof Uint8Array) {
      yield* merger.push(output);
    } else {
      for await (const chunk of output) {
        yield* merger.push(chunk);
      }
    }
    yield* merger.endOutput();
  }
}

/** Merges what is pushed in; each call gives the bytes that are next in the result. */
interface Merger {
  push(chunk: Uint8Array): Uint8Array[];
  endOutput(): Uint8Array[];
}

function createMerger(merge: MergeText): Merger {
  switch (merge.by) {
    case 'concat':
      return { push: (chunk) => (chunk.length > 0 ? [chunk] : []), endOutput: () => [] };
    case 'lines':
    case 'ndjson':
      return createLineMerger();
    case 'csv':
      return createCsvMerger();
  }
}

/** As concat, and an output whose last line is not ended is ended by `lineEnd`. An empty output adds nothing. */
function createLineMerger(lineEnd: () => Uint8Array = () => lineFeed): Merger {
  let isLineOpen = false;
  return {
    push(chunk) {
      if (chunk.length === 0) {
        return [];
      }
      isLineOpen = chunk[chunk.length - 1] !== 0x0a;
      return [chunk];
    },
    endOutput() {
      const ending = isLineOpen ? [lineEnd()] : [];
      isLineOpen = false;
      return ending;
    },
  };
}

/**
 * The first output's header is kept, each later one must have the same and loses it. Line ends of the header are
 * not compared, because the header of an output without rows may have none. An empty output adds nothing.
 */
function createCsvMerger(): Merger {
  let unit = 0;
  let header: Uint8Array | undefined;
  let lineEnd = lineFeed;
  let scanner: RecordScanner = createCsvScanner();
  let isInHeader = true;
  let headerParts: Uint8Array[] = [];
  let headerBytes = 0;
  const body = createLineMerger(() => lineEnd);

  const takeHeader = (): Uint8Array[] => {
    const found = joinBytes(headerParts, headerBytes);
    isInHeader = false;
    headerParts = [];
    const bare = withoutLineEnd(found);
    if (header === undefined) {
      header = bare;
      lineEnd = found.length - bare.length === 2 ? carriageReturnLineFeed : lineFeed;
      return body.push(found);
    }
    if (!sameBytes(header, bare)) {
      throw headerDiffers(unit);
    }
    return [];
  };

  return {
    push(chunk) {
      if (!isInHeader) {
        return body.push(chunk);
      }
      const end = scanner.findEnd(chunk, 0);
      const headerEnd = end === -1 ? chunk.length : end;
      headerParts.push(chunk.slice(0, headerEnd));
      headerBytes += headerEnd;
      if (headerBytes > headerBytesMax) {
        throw headerTooLarge(unit);
      }
      return end === -1 ? [] : [...takeHeader(), ...body.push(chunk.subarray(end))];
    },
    endOutput() {
      const header = isInHeader && headerBytes > 0 ? takeHeader() : [];
      const ending = [...header, ...body.endOutput()];
      unit += 1;
      scanner = createCsvScanner();
      isInHeader = true;
      headerParts = [];
      headerBytes = 0;
      return ending;
    },
  };
}

/** A header longer than this is surely not one. */
const headerBytesMax = 1024 * 1024;
const lineFeed = Uint8Array.of(0x0a);
const carriageReturnLineFeed = Uint8Array.of(0x0d, 0x0a);

function headerDiffers(unit: number): MergeError {
  return new MergeError(
    'header-differs',
    unit,
    `The output of unit ${unit} begins with another CSV header than the outputs before it.`,
    'Let the program print the same header for every unit, or merge by lines.',
  );
}

function headerTooLarge(unit: number): MergeError {
  return new MergeError(
    'header-too-large',
    unit,
    `The first record of unit ${unit}'s output is longer than ${headerBytesMax} bytes, so it is no CSV header.`,
    'Check that the program prints CSV, or merge by concat.',
  );
}

function withoutLineEnd(bytes: Uint8Array): Uint8Array {
  const withoutFeed = bytes.at(-1) === 0x0a ? bytes.subarray(0, -1) : bytes;
  return withoutFeed.at(-1) === 0x0d ? withoutFeed.subarray(0, -1) : withoutFeed;
}

function joinBytes(parts: readonly Uint8Array[], length: number): Uint8Array {
  const joined = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}
