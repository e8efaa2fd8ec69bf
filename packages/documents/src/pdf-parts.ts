import type { Locale, Party } from './document.ts';
import { labels } from './labels.ts';
import { colours, type Sheets, sheet } from './pdf-sheet.ts';

/** A word in the reader's language, and the other one for whoever reads over the shoulder. */
export interface Word {
  readonly ja: string;
  readonly en: string;
}

/** Writes the title with its other name, and at the right what the document is known by. Gives where the next part begins. */
export function drawHead(
  sheets: Sheets,
  locale: Locale,
  { title, rows }: { readonly title: Word; readonly rows: readonly (readonly [Word, string])[] },
): number {
  const { left, right, top } = sheet;
  sheets.band(0, 6, { colour: colours.accent, from: 0, to: sheet.width });
  sheets.text(title[locale], { x: left, y: top - 8, width: 280, size: 25, weight: 'bold' });
  sheets.text(title[other(locale)], { x: left, y: top + 28, width: 280, size: 9.5, colour: colours.grey });
  let y = top - 3;
  for (const [word, value] of rows) {
    sheets.text(word[locale], { x: right - 260, y, width: 70, size: 8.5, colour: colours.grey });
    y += Math.max(
      14,
      sheets.text(value, { x: right - 190, y: y - 0.7, width: 190, size: 9, align: 'right' }) + 1,
    );
  }
  return Math.max(y, top + 44) + 18;
}

/** Writes both parties beside each other: who is addressed left, who issues right. */
export function drawParties(
  sheets: Sheets,
  locale: Locale,
  at: {
    readonly y: number;
    readonly left: readonly [Word, Party, boolean];
    readonly right: readonly [Word, Party, boolean];
  },
): number {
  const width = 235;
  const ends = [
    drawParty(sheets, locale, { x: sheet.left, y: at.y, width, party: at.left }),
    drawParty(sheets, locale, { x: sheet.right - width, y: at.y, width, party: at.right }),
  ];
  return Math.max(...ends) + 16;
}

function drawParty(
  sheets: Sheets,
  locale: Locale,
  at: {
    readonly x: number;
    readonly y: number;
    readonly width: number;
    readonly party: readonly [Word, Party, boolean];
  },
): number {
  const { x, width } = at;
  const [word, { name, address, registrationNumber }, isAddressed] = at.party;
  let { y } = at;
  y += sheets.text(word[locale], { x, y, width, size: 8, colour: colours.grey }) + 1;
  const called = isAddressed && locale === 'ja' ? `${name}　御中` : name;
  y += sheets.text(called, { x, y, width, size: 12, weight: 'medium' }) + 2;
  if (address !== undefined) {
    y += sheets.text(address, { x, y, width, size: 9 }) + 1;
  }
  if (registrationNumber !== undefined) {
    const text = `${labels.registration[locale]} ${registrationNumber}`;
    y += sheets.text(text, { x, y, width, size: 9 }) + 1;
  }
  return y;
}

/** Writes the one number that everybody looks for. */
export function drawAmount(
  sheets: Sheets,
  locale: Locale,
  { y, word, amount }: { readonly y: number; readonly word: Word; readonly amount: string },
): number {
  const height = 44;
  sheets.band(y, height);
  sheets.band(y, height, { colour: colours.accent, to: sheet.left + 3 });
  sheets.text(word[locale], { x: sheet.left + 16, y: y + 15, width: 220, size: 10 });
  sheets.text(amount, {
    x: sheet.left + 230,
    y: y + 7,
    width: sheet.right - sheet.left - 246,
    size: 20,
    weight: 'bold',
    align: 'right',
  });
  return y + height + 22;
}

/** Writes the foot of every page: whose document it is, and the page. */
export function drawFoot(
  sheets: Sheets,
  { name, page, pages }: { readonly name: string; readonly page: number; readonly pages: number },
): void {
  const y = sheet.bottom + 22;
  sheets.rule(y - 8);
  sheets.text(name, { x: sheet.left, y, width: 380, size: 7.5, colour: colours.grey });
  sheets.text(`${page} / ${pages}`, {
    x: sheet.right - 100,
    y,
    width: 100,
    size: 7.5,
    colour: colours.grey,
    align: 'right',
  });
}

/** A column of a table. */
export interface Column {
  readonly word: Word;
  readonly width: number;
  readonly align?: 'left' | 'right';
}

/** What a cell says, and below it, smaller, where that comes from. */
export interface Cell {
  readonly text: string;
  readonly below?: string;
  readonly isStrong?: boolean;
}

/** Writes a table over as many pages as it needs; its head is on each. Gives where the next part begins. */
export function drawTable(
  sheets: Sheets,
  locale: Locale,
  {
    y: start,
    columns,
    rows,
  }: { readonly y: number; readonly columns: readonly Column[]; readonly rows: readonly (readonly Cell[])[] },
): number {
  let y = drawTableHead(sheets, locale, columns, start);
  for (const cells of rows) {
    const height = Math.max(...cells.map((cell, index) => cellHeight(sheets, cell, columns[index]))) + rowGap;
    if (y + height > sheet.bottom) {
      sheets.addPage();
      y = drawTableHead(sheets, locale, columns, sheet.top);
    }
    forColumns(columns, (column, x, index) => {
      const { text, below, isStrong } = cells[index] ?? { text: '' };
      const place = { x: x + cellPad, width: column.width - 2 * cellPad, align: column.align ?? 'left' };
      const weight = isStrong === true ? ('medium' as const) : ('regular' as const);
      const used = sheets.text(text, { ...place, y: y + rowGap / 2, size: 9, weight });
      if (below !== undefined) {
        sheets.text(below, { ...place, y: y + rowGap / 2 + used + 1, size: 7, colour: colours.grey });
      }
    });
    y += height;
    sheets.rule(y);
  }
  return y + 14;
}

const rowGap = 9;
const cellPad = 6;

function drawTableHead(sheets: Sheets, locale: Locale, columns: readonly Column[], y: number): number {
  sheets.band(y, 22);
  forColumns(columns, ({ word, width, align = 'left' }, x) => {
    const place = { x: x + cellPad, y: y + 5.5, width: width - 2 * cellPad, size: 8, align } as const;
    sheets.text(word[locale], { ...place, colour: colours.grey, weight: 'medium' });
  });
  return y + 22;
}

function cellHeight(sheets: Sheets, { text, below }: Cell, column: Column | undefined): number {
  const width = (column?.width ?? 0) - 2 * cellPad;
  return (
    sheets.heightOf(text, { width, size: 9 }) +
    (below === undefined ? 0 : sheets.heightOf(below, { width, size: 7 }) + 1)
  );
}

function forColumns(
  columns: readonly Column[],
  draw: (column: Column, x: number, index: number) => void,
): void {
  let x: number = sheet.left;
  for (const [index, column] of columns.entries()) {
    draw(column, x, index);
    x += column.width;
  }
}

/** Writes sums at the right, the last one strong; keeps them together on a page. */
export function drawSums(
  sheets: Sheets,
  { y: start, rows }: { readonly y: number; readonly rows: readonly (readonly [string, string])[] },
): number {
  let y = start;
  if (y + rows.length * 20 > sheet.bottom) {
    sheets.addPage();
    y = sheet.top;
  }
  const from = sheet.right - 270;
  for (const [index, [name, amount]] of rows.entries()) {
    const isLast = index === rows.length - 1;
    const weight = isLast ? ('bold' as const) : ('regular' as const);
    if (isLast) {
      sheets.rule(y + 1, { from, colour: colours.ink, width: 1 });
    }
    const size = isLast ? 11 : 9;
    const top = y + (isLast ? 6 : 3);
    sheets.text(name, { x: from + cellPad, y: top, width: 160, size, weight });
    sheets.text(amount, { x: sheet.right - 110, y: top, width: 110 - cellPad, size, weight, align: 'right' });
    y += isLast ? 26 : 18;
  }
  return y + 10;
}

/** Writes small print below everything else. */
export function drawNotes(
  sheets: Sheets,
  { y: start, notes }: { readonly y: number; readonly notes: readonly string[] },
): void {
  let y = start;
  for (const note of notes) {
    const place = { width: sheet.right - sheet.left, size: 7.5, colour: colours.grey };
    if (y + sheets.heightOf(note, place) > sheet.bottom) {
      sheets.addPage();
      y = sheet.top;
    }
    y += sheets.text(note, { ...place, x: sheet.left, y }) + 3;
  }
}

function other(locale: Locale): Locale {
  return locale === 'ja' ? 'en' : 'ja';
}
