import { createJsonArrayScanner, JsonArrayError } from './json-array-scanner.ts';
import { MergeError } from './merge-error.ts';
import { joinBytes, type Merger } from './merger.ts';

/**
 * One array of all outputs' elements. What stands before the first output's bracket and after the last one's is kept, and so
 * is white space between elements, so that what the `json` split took apart comes together byte by byte.
 */
export function createJsonMerger(): Merger {
  let unit = 0;
  let hasElements = false;
  /** The first output up to its bracket, then undefined. */
  let opening: Uint8Array[] | undefined = [];
  /** The last ended output from its closing bracket on. */
  let lastClosing: Uint8Array = new Uint8Array(0);
  let output = beginOutput();

  const refusing = <T>(step: () => T): T => {
    try {
      return step();
    } catch (error) {
      if (!(error instanceof JsonArrayError)) throw error;
      throw notAnArray(unit, error.message);
    }
  };

  /** Bytes before an output's first element wait until it is known to have one: the comma goes before them. */
  const beginElements = (): Uint8Array[] => {
    const comma = hasElements ? [commaBytes] : [];
    hasElements = true;
    const started = [...comma, ...output.waiting];
    output.waiting = [];
    return started;
  };

  const hold = (parts: Uint8Array[], bytes: Uint8Array) => {
    parts.push(bytes.slice());
    output.heldBytes += bytes.length;
    if (output.heldBytes > heldBytesMax) {
      throw notAnArray(unit, `it has more than ${heldBytesMax} bytes around its elements`);
    }
  };

  /** The bytes of one stretch between two marks. */
  const pass = (bytes: Uint8Array): Uint8Array[] => {
    switch (output.place) {
      case 'before':
        if (opening !== undefined) hold(opening, bytes);
        return [];
      case 'open':
        hold(output.waiting, bytes);
        return [];
      case 'elements':
        return bytes.length > 0 ? [bytes] : [];
      case 'after':
        hold(output.closing, bytes);
        return [];
    }
  };

  return {
    push: (chunk) =>
      refusing(() => {
        const next: Uint8Array[] = [];
        let done = 0;
        for (let from = 0; ; ) {
          const mark = output.scanner.next(chunk, from);
          if (mark === undefined) break;
          from = mark.at + 1;
          if (mark.kind === 'open') {
            next.push(...pass(chunk.subarray(done, from)));
            done = from;
            if (opening !== undefined) next.push(joinBytes(opening));
            opening = undefined;
            output.place = 'open';
          } else if (mark.kind === 'content' && output.place === 'open') {
            next.push(...pass(chunk.subarray(done, mark.at)), ...beginElements());
            done = mark.at;
            output.place = 'elements';
          } else if (mark.kind === 'close') {
            next.push(...pass(chunk.subarray(done, mark.at)));
            done = mark.at;
            output.place = 'after';
          }
        }
        next.push(...pass(chunk.subarray(done)));
        return next;
      }),
    endOutput: () =>
      refusing(() => {
        output.scanner.end();
        lastClosing = joinBytes(output.closing);
        output = beginOutput();
        unit += 1;
        return [];
      }),
    end: () => [lastClosing],
  };
}

function beginOutput() {
  return {
    scanner: createJsonArrayScanner(),
    place: 'before' as 'before' | 'open' | 'elements' | 'after',
    waiting: [] as Uint8Array[],
    closing: [] as Uint8Array[],
    heldBytes: 0,
  };
}

/** White space before and after an array; more is surely no array of results. */
const heldBytesMax = 1024 * 1024;
const commaBytes = Uint8Array.of(0x2c);

function notAnArray(unit: number, reason: string): MergeError {
  return new MergeError(
    'not-json-array',
    unit,
    `The output of unit ${unit} is not one JSON array: ${reason}.`,
    'Let the program print an array, [] where it found nothing, or merge by ndjson.',
  );
}
