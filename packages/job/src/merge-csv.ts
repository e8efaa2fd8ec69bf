import { MergeError } from './merge-error.ts';
import { createLineMerger, lineFeed } from './merge-lines.ts';
import { joinBytes, type Merger } from './merger.ts';
import { createCsvScanner, type RecordScanner } from './record-scanner.ts';

/**
 * The first output's header is kept, each later one must have the same and loses it. Line ends of the header are
 * not compared, because the header of an output without rows may have none. An empty output adds nothing.
 */
export function createCsvMerger(): Merger {
  let unit = 0;
  let header: Uint8Array | undefined;
  let lineEnd = lineFeed;
  let scanner: RecordScanner = createCsvScanner();
  let isInHeader = true;
  let headerParts: Uint8Array[] = [];
  let headerBytes = 0;
  const body = createLineMerger(() => lineEnd);

  const takeHeader = (): Uint8Array[] => {
    const found = joinBytes(headerParts);
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
      let end = scanner.findEnd(chunk, 0);
      // Blank lines before the header belong to it, as in the split.
      while (end !== -1 && scanner.isBlank()) {
        const next = end < chunk.length ? scanner.findEnd(chunk, end) : -1;
        end = next;
      }
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

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}
