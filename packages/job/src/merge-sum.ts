import { addDecimals, type Decimal, decimalText, parseDecimal } from './decimal.ts';
import { MergeError } from './merge-error.ts';
import { joinBytes, type Merger } from './merger.ts';
import { quotedWord } from './shown-text.ts';

/**
 * The sums of tables of numbers, place by place. Sums are exact decimals, so they do not depend on how the units were cut or
 * grouped. Words between the numbers, such as a header, must be the same in every output; how they are spaced is taken from
 * the first.
 */
export function createSumMerger(): Merger {
  let unit = 0;
  let parts: Uint8Array[] = [];
  let bytes = 0;
  let spaces: string[] | undefined;
  let totals: (Decimal | string)[] = [];

  const add = (text: string) => {
    const words = text.match(word) ?? [];
    if (spaces === undefined) {
      spaces = text.split(word);
      totals = words.map((each) => parseDecimal(each) ?? each);
      return;
    }
    if (words.length !== totals.length) {
      throw differs(
        unit,
        `it has ${words.length} numbers and words where the outputs before it have ${totals.length}`,
      );
    }
    for (const [place, each] of words.entries()) {
      totals[place] = addWord(totals[place], each, place);
    }
  };

  const addWord = (total: Decimal | string | undefined, text: string, place: number): Decimal | string => {
    const number = parseDecimal(text);
    if (total === undefined || typeof total === 'string' || number === undefined) {
      if (total === text) return text;
      const before = total === undefined || typeof total === 'string' ? total : undefined;
      const expected = before === undefined ? 'a number' : quotedWord(before);
      throw differs(
        unit,
        `at place ${place + 1} it has ${quotedWord(text)} where the outputs before it have ${expected}`,
      );
    }
    return addDecimals(total, number);
  };

  return {
    push(chunk) {
      parts.push(chunk.slice());
      bytes += chunk.length;
      if (bytes > outputBytesMax) {
        throw tooLarge(unit);
      }
      return [];
    },
    endOutput() {
      const text = new TextDecoder().decode(joinBytes(parts));
      // A unit that found nothing adds nothing.
      if (text.trim() !== '') {
        add(text);
      }
      parts = [];
      bytes = 0;
      unit += 1;
      return [];
    },
    end() {
      const words = totals.map((total) => (typeof total === 'string' ? total : decimalText(total)));
      const text = (spaces ?? []).map((space, at) => space + (words[at] ?? '')).join('');
      return text === '' ? [] : [new TextEncoder().encode(text)];
    },
  };
}

/** Numbers and words stand between white space, commas and semicolons. */
const word = /[^\s,;]+/g;
/** One output is held, and the sums: some ten times this in memory. */
const outputBytesMax = 8 * 1024 * 1024;

function differs(unit: number, reason: string): MergeError {
  return new MergeError(
    'sum-differs',
    unit,
    `The output of unit ${unit} cannot be added: ${reason}.`,
    'Let the program print the same table for every unit, with other numbers only.',
  );
}

function tooLarge(unit: number): MergeError {
  return new MergeError(
    'output-too-large',
    unit,
    `The output of unit ${unit} is longer than ${outputBytesMax} bytes, the most that is added up.`,
    'Print smaller tables, or merge by csv and add up afterwards.',
  );
}
