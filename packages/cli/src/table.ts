import { visibleLine } from './visible-text.ts';

/** One column: its heading, its text for a row, and whether it is set flush right as numbers are. */
export interface Column<Row> {
  readonly heading: string;
  readonly text: (row: Row) => string;
  readonly right?: boolean;
}

/** Rows as aligned text with a heading line, without a trailing newline. */
export function table<Row>(rows: readonly Row[], columns: readonly Column<Row>[]): string {
  return alignRows(
    [
      columns.map((column) => column.heading),
      ...rows.map((row) => columns.map((column) => column.text(row))),
    ],
    columns.map((column) => column.right === true),
  );
}

/** Cells in columns as wide as their widest cell; those that `isRight` names are set flush right. Wide (CJK) characters count twice. */
export function alignRows(texts: readonly (readonly string[])[], isRight: readonly boolean[] = []): string {
  const rows = texts.map((row) => row.map(visibleLine));
  const columns = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, index) =>
    Math.max(...rows.map((row) => displayWidth(row[index] ?? ''))),
  );
  return rows
    .map((row) =>
      row
        .map((cell, index) => {
          const gap = ' '.repeat((widths[index] ?? 0) - displayWidth(cell));
          return isRight[index] === true ? gap + cell : cell + gap;
        })
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** Columns of a terminal that a text takes. */
export function displayWidth(text: string): number {
  let width = 0;
  for (const character of text) {
    width +=
      /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/.test(
        character,
      )
        ? 2
        : 1;
  }
  return width;
}
