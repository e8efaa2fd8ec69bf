/** Finds where the records of a byte stream end, chunk by chunk, without keeping any of them. */
export interface RecordScanner {
  /** The index just after the end of the record that goes on at `from`, or −1 when it goes on beyond this chunk. */
  findEnd(chunk: Uint8Array, from: number): number;
  /** Whether the record that ended last, or is still open, holds nothing but white space. */
  isBlank(): boolean;
  /** Whether the stream so far ends inside a quoted field. */
  isInsideQuotes(): boolean;
}

/** Every line is a record, an empty one too. CR before LF belongs to the line. */
export function createLineScanner(): RecordScanner {
  return {
    findEnd: (chunk, from) => chunk.indexOf(lineFeed, from) + 1 || -1,
    isBlank: () => false,
    isInsideQuotes: () => false,
  };
}

/** Every line that holds more than white space is a record (ndjson). */
export function createTextLineScanner(): RecordScanner {
  let isBlank = true;
  let isOpen = false;
  return {
    findEnd(chunk, from) {
      if (!isOpen) {
        isBlank = true;
      }
      const end = chunk.indexOf(lineFeed, from) + 1 || -1;
      isBlank = isBlank && isWhiteSpace(chunk, from, end === -1 ? chunk.length : end);
      isOpen = end === -1;
      return end;
    },
    isBlank: () => isBlank,
    isInsideQuotes: () => false,
  };
}

/**
 * Records of CSV (RFC 4180): a line end inside a quoted field does not end the record. A quote opens a field
 * only at the field's beginning, as spreadsheets read it, so `5" pipe` is plain text.
 */
export function createCsvScanner(): RecordScanner {
  let state: CsvState = atFieldStart;
  let isBlank = true;
  let isOpen = false;
  /** Bytes of a byte order mark that the stream began with; a quote may follow it. */
  let marks = 0;
  return {
    findEnd(chunk, from) {
      if (!isOpen) {
        isBlank = true;
      }
      isOpen = true;
      let start = from;
      while (marks < byteOrderMark.length && start < chunk.length) {
        if (chunk[start] !== byteOrderMark[marks]) {
          // Part of a mark is ordinary text.
          state = marks > 0 ? inField : state;
          isBlank = isBlank && marks === 0;
          marks = byteOrderMark.length;
          break;
        }
        marks += 1;
        start += 1;
      }
      for (let index = start; index < chunk.length; index++) {
        if (state === inQuotes) {
          // The longest stretches of quoted text are skipped natively.
          index = chunk.indexOf(quote, index);
          if (index === -1) {
            return -1;
          }
          state = afterQuote;
          continue;
        }
        const byte = chunk[index];
        if (byte === lineFeed) {
          state = atFieldStart;
          isOpen = false;
          return index + 1;
        }
        if (byte === quote && (state === atFieldStart || state === afterQuote)) {
          state = inQuotes;
          isBlank = false;
        } else if (byte === comma) {
          state = atFieldStart;
          isBlank = false;
        } else if (byte !== carriageReturn && byte !== space && byte !== tab) {
          state = inField;
          isBlank = false;
        } else if (state === atFieldStart && byte !== carriageReturn) {
          state = inField;
        }
      }
      return -1;
    },
    isBlank: () => isBlank,
    isInsideQuotes: () => state === inQuotes,
  };
}

type CsvState = 0 | 1 | 2 | 3;
const atFieldStart = 0;
const inField = 1;
const inQuotes = 2;
/** After a quote inside a quoted field: a second quote is a literal one, anything else means the field is over. */
const afterQuote = 3;

/** Spreadsheets begin their CSV files with it. */
const byteOrderMark = [0xef, 0xbb, 0xbf];
const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const space = 0x20;
const tab = 0x09;
const quote = 0x22;
const comma = 0x2c;

function isWhiteSpace(chunk: Uint8Array, from: number, to: number): boolean {
  for (let index = from; index < to; index++) {
    const byte = chunk[index];
    if (byte !== space && byte !== tab && byte !== lineFeed && byte !== carriageReturn) {
      return false;
    }
  }
  return true;
}
