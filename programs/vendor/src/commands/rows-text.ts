import { alignRows } from '@taika/cli/table';

/** Rows as aligned columns under a heading; says so where there are none. */
export function rowsText(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  return rows.length === 0 ? '(none)' : alignRows([headings, ...rows]);
}
