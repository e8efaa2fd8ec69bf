/** One point of a plot. */
export interface Point {
  readonly label: string;
  readonly value: number;
}

const blocks = [' ', '▏', '▎', '▍', '▌', '▋', '▊', '▉', '█'];

/** A bar for each point, as text: `label  ████▌ 1.23`. `width` is the length of the longest bar in characters. */
export function plot(points: readonly Point[], width: number): string {
  const largest = Math.max(...points.map((point) => point.value), Number.MIN_VALUE);
  const labelWidth = Math.max(...points.map((point) => point.label.length));
  return points
    .map(
      ({ label, value }) =>
        `${label.padStart(labelWidth)}  ${bar((value / largest) * width)} ${value.toFixed(2)}`,
    )
    .join('\n');
}

function bar(length: number): string {
  const eighths = Math.round(Math.max(0, length) * 8);
  return '█'.repeat(Math.floor(eighths / 8)) + (eighths % 8 === 0 ? '' : blocks[eighths % 8]);
}
