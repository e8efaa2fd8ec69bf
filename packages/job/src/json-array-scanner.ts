/** Something in a JSON array, as the scanner meets it; `at` is an index in the chunk. */
export interface JsonMark {
  /** `content` is the first byte of an element that is not white space. */
  readonly kind: 'open' | 'content' | 'comma' | 'close';
  readonly at: number;
}

/** Finds the elements of one JSON array in a byte stream, chunk by chunk, without keeping any of them. */
export interface JsonArrayScanner {
  /** The next mark at `from` or after it; undefined when this chunk has none. Throws `JsonArrayError`. */
  next(chunk: Uint8Array, from: number): JsonMark | undefined;
  /** Throws `JsonArrayError` unless the array is closed. */
  end(): void;
}

/** A stream that is no JSON array, or not a whole one. The message is a clause, such as "it begins with {". */
export class JsonArrayError extends Error {
  override readonly name = 'JsonArrayError';
}

/** Deeper nesting is surely a mistake, and each level takes a byte of memory. */
const depthMax = 10_000;

/**
 * Creates a scanner at the beginning of a stream. It knows strings, escapes and brackets, which is all that is needed to tell
 * where elements end; whether a number or a word is well written is for the program to say.
 */
export function createJsonArrayScanner(): JsonArrayScanner {
  let place: 'before' | 'inside' | 'after' = 'before';
  /** Brackets that are open inside the array's elements. */
  const open: number[] = [];
  let isInString = false;
  let isEscaped = false;
  /** Whether the element that the scanner is in has begun. */
  let hasContent = false;
  let elements = 0;
  /** Bytes of the chunks before this one. */
  let position = 0;

  const endElement = (at: number) => {
    if (!hasContent) {
      throw new JsonArrayError(`there is no element before byte ${position + at}`);
    }
    elements += 1;
    hasContent = false;
  };

  const closeBracket = (byte: number, at: number) => {
    if (open.pop() !== byte) {
      throw new JsonArrayError(`the bracket at byte ${position + at} closes none of its kind`);
    }
  };

  const openBracket = (closing: number, at: number) => {
    open.push(closing);
    if (open.length > depthMax) {
      throw new JsonArrayError(`it is nested deeper than ${depthMax} levels at byte ${position + at}`);
    }
  };

  const outside = (byte: number, at: number): JsonMark | undefined => {
    if (isWhiteSpace(byte) || (position + at < 3 && byteOrderMark[position + at] === byte)) {
      return undefined;
    }
    if (place === 'after') {
      throw new JsonArrayError(`something follows the array at byte ${position + at}`);
    }
    if (byte !== bracketOpen) {
      throw new JsonArrayError(`it begins with ${JSON.stringify(String.fromCharCode(byte))} and not with [`);
    }
    place = 'inside';
    return { kind: 'open', at };
  };

  /** One byte inside the array and outside strings. */
  const inside = (byte: number, at: number): JsonMark | undefined => {
    if (isWhiteSpace(byte)) {
      return undefined;
    }
    if (open.length === 0 && byte === comma) {
      endElement(at);
      return { kind: 'comma', at };
    }
    if (open.length === 0 && byte === bracketClose) {
      if (hasContent || elements > 0) {
        endElement(at);
      }
      place = 'after';
      return { kind: 'close', at };
    }
    const isFirst = !hasContent;
    hasContent = true;
    if (byte === quote) {
      isInString = true;
    } else if (byte === braceOpen) {
      openBracket(braceClose, at);
    } else if (byte === bracketOpen) {
      openBracket(bracketClose, at);
    } else if (byte === braceClose || byte === bracketClose) {
      closeBracket(byte, at);
    }
    return isFirst ? { kind: 'content', at } : undefined;
  };

  return {
    next(chunk, from) {
      for (let at = from; at < chunk.length; at++) {
        const byte = chunk[at] ?? 0;
        if (isInString) {
          if (isEscaped) {
            isEscaped = false;
          } else if (byte === backslash) {
            isEscaped = true;
          } else if (byte === quote) {
            isInString = false;
          }
          continue;
        }
        const mark = place === 'inside' ? inside(byte, at) : outside(byte, at);
        if (mark !== undefined) {
          return mark;
        }
      }
      position += chunk.length;
      return undefined;
    },
    end() {
      if (place === 'before') {
        throw new JsonArrayError('it is empty');
      }
      if (place === 'inside') {
        throw new JsonArrayError(
          `${isInString ? 'a text' : 'the array'} is not closed at its end (byte ${position})`,
        );
      }
    },
  };
}

function isWhiteSpace(byte: number): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

const quote = 0x22;
const backslash = 0x5c;
const comma = 0x2c;
const bracketOpen = 0x5b;
const bracketClose = 0x5d;
const braceOpen = 0x7b;
const braceClose = 0x7d;
/** Editors on Windows begin files with it. */
const byteOrderMark = [0xef, 0xbb, 0xbf];
