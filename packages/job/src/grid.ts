import type { SplitText } from '@taika/protocol/dispatch/jobs';

/** The axes of a `grid` split, by name, in the order in which the job file has them. */
export type GridAxes = Extract<SplitText, { by: 'grid' }>['axes'];

/** Combinations in all; infinite where they cannot be counted exactly. */
export function gridRecordCount(axes: GridAxes): number {
  const count = Object.values(axes).reduce((product, axis) => product * axisLength(axis), 1);
  return Number.isSafeInteger(count) ? count : Number.POSITIVE_INFINITY;
}

/** The axes' names as a line of CSV. Sorted by name, because JSON in the database keeps no order. */
export function gridHeader(axes: GridAxes): string {
  return `${axisNames(axes).join(',')}\n`;
}

/** One combination as a line of CSV; the last name's value changes fastest. */
export function gridRecord(axes: GridAxes, index: number): string {
  const cells: string[] = [];
  let rest = index;
  for (const name of axisNames(axes).reverse()) {
    const axis = axes[name] ?? [];
    const length = axisLength(axis);
    cells.push(cell(axisValue(axis, rest % length)));
    rest = Math.floor(rest / length);
  }
  return `${cells.reverse().join(',')}\n`;
}

function axisNames(axes: GridAxes): string[] {
  return Object.keys(axes).sort();
}

function axisLength(axis: GridAxes[string]): number {
  return Array.isArray(axis) ? axis.length : Math.max(0, Math.ceil((axis.to - axis.from) / (axis.step ?? 1)));
}

function axisValue(axis: GridAxes[string], index: number): number | string | boolean {
  return Array.isArray(axis) ? (axis[index] ?? '') : axis.from + index * (axis.step ?? 1);
}

/** RFC 4180: quotes where a comma, a quote, a line end or an outer space would be misread. */
function cell(value: number | string | boolean): string {
  const text = String(value);
  return /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
