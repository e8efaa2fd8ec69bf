import { extname } from 'node:path';
import type { DocumentFormatText } from '@taika/protocol/documents';
import type { Command } from 'commander';
import { misused, readMoney } from './read-amounts.ts';
import { readDay } from './read-day.ts';
import { readerLanguage } from './reader-language.ts';

/** Flags by which documents are found. */
export interface DocumentSearchFlags {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly min?: string | undefined;
  readonly max?: string | undefined;
}

/** What of a list's query these flags say. */
export interface DocumentSearchText {
  readonly from?: string;
  readonly to?: string;
  readonly amountFrom?: string;
  readonly amountTo?: string;
}

/** Adds `--from`, `--to`, `--min` and `--max`. */
export function addDocumentSearch(command: Command): Command {
  return command
    .option('--from <day>', 'of this day or later, yyyy-mm-dd, UTC')
    .option('--to <day>', 'of this day or earlier')
    .option('--min <amount>', 'of this total or more, such as "500 JPY"')
    .option('--max <amount>', 'of this total or less');
}

/** Reads them. Throws `CommandError` for a day or an amount that is none. */
export function documentSearchOf({ from, to, min, max }: DocumentSearchFlags): DocumentSearchText {
  return {
    ...(from === undefined ? {} : { from: readDay(from, '--from') }),
    ...(to === undefined ? {} : { to: readDay(to, '--to') }),
    ...(min === undefined ? {} : { amountFrom: readMoney(min, '--min').amountMilli }),
    ...(max === undefined ? {} : { amountTo: readMoney(max, '--max').amountMilli }),
  };
}

/** The form that a file's name asks for. */
export function documentFormatOf<Format extends DocumentFormatText>(
  file: string,
  formats: readonly Format[],
): Format {
  const found = formats.find((format) => extname(file) === `.${format}`);
  if (found !== undefined) return found;
  const endings = formats.map((format) => `.${format}`);
  throw misused(
    `${file} does not say in which format.`,
    `End its name with ${endings.slice(0, -1).join(', ')} or ${endings.at(-1)}.`,
  );
}

/** The language of labels: as `--lang` says, else the reader's. */
export function documentLanguageOf(lang: string | undefined): 'ja' | 'en' {
  const wanted = lang ?? readerLanguage();
  if (wanted === 'ja' || wanted === 'en') return wanted;
  throw misused(`--lang is "${wanted}".`, 'Give ja or en.');
}
