import { table } from '@taika/cli/table';

/** Rows as aligned columns under a heading; says so where there are none. */
export function rowsText(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const columns = headings.map((heading, index) => ({
    heading,
    text: (row: readonly string[]) => row[index] ?? '',
  }));
  return rows.length === 0 ? '(none)' : table(rows, columns);
}
