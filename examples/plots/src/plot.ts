/** One curve or cloud of points of a plot. */
export interface Series {
  readonly name: string;
  readonly points: readonly (readonly [x: number, y: number])[];
  readonly style: 'line' | 'dashed' | 'points';
  readonly colour: string;
}

export interface Axis {
  readonly title: string;
  readonly from: number;
  readonly to: number;
  /** Where the grid's lines are, with what stands there. */
  readonly ticks: readonly (readonly [at: number, text: string])[];
  /** Equal factors are equal distances. */
  readonly isLogarithmic?: boolean;
}

export interface Plot {
  readonly title: string;
  readonly x: Axis;
  readonly y: Axis;
  readonly series: readonly Series[];
}

/** Colours that people with a weakness for red or green can tell apart (Okabe and Ito 2008). */
export const colours = {
  black: '#000000',
  orange: '#e69f00',
  sky: '#56b4e9',
  green: '#009e73',
  blue: '#0072b2',
  red: '#d55e00',
  purple: '#cc79a7',
  grey: '#888888',
} as const;

const width = 760;
const height = 420;
const left = 70;
const right = 590;
const top = 44;
const bottom = 360;

/** The plot as SVG text on white, readable on light and dark pages. Points outside the axes are cut off. */
export function drawPlot({ title, x, y, series }: Plot): string {
  const atX = scale(x, left, right);
  const atY = scale(y, bottom, top);
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12" role="img">`,
    `<title>${escapeText(title)}</title>`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    text(left, 24, title, 'start', 15),
    ...x.ticks.flatMap(([at, label]) => [
      `<line x1="${atX(at)}" x2="${atX(at)}" y1="${top}" y2="${bottom}" stroke="#eee"/>`,
      text(atX(at), bottom + 18, label, 'middle'),
    ]),
    ...y.ticks.flatMap(([at, label]) => [
      `<line x1="${left}" x2="${right}" y1="${atY(at)}" y2="${atY(at)}" stroke="#eee"/>`,
      text(left - 8, atY(at) + 4, label, 'end'),
    ]),
    `<path d="M${left},${top}V${bottom}H${right}" fill="none" stroke="#333"/>`,
    text((left + right) / 2, bottom + 42, x.title, 'middle'),
    `<g transform="rotate(-90 18 ${(top + bottom) / 2})">${text(18, (top + bottom) / 2, y.title, 'middle')}</g>`,
    `<clipPath id="area"><rect x="${left}" y="${top}" width="${right - left}" height="${bottom - top}"/></clipPath>`,
    '<g clip-path="url(#area)">',
    ...series.map((one) => drawSeries(one, atX, atY)),
    '</g>',
    ...series.flatMap((one, place) => drawLegend(one, top + 12 + 22 * place)),
    '</svg>',
  ];
  return `${parts.join('\n')}\n`;
}

/** Ticks every `step`, with the number as its text. */
export function everyTick(from: number, to: number, step: number): [number, string][] {
  const count = Math.round((to - from) / step);
  return Array.from({ length: count + 1 }, (_, index) => {
    const at = Number((from + index * step).toPrecision(12));
    return [at, String(at)];
  });
}

function scale({ from, to, isLogarithmic }: Axis, start: number, end: number): (value: number) => number {
  const place = (value: number) => (isLogarithmic ? Math.log10(value) : value);
  return (value) => round(start + ((place(value) - place(from)) / (place(to) - place(from))) * (end - start));
}

type Place = (value: number) => number;

function drawSeries({ points, style, colour }: Series, atX: Place, atY: Place): string {
  if (style === 'points') {
    const dots = points.map(([x, y]) => `<circle cx="${atX(x)}" cy="${atY(y)}" r="2.5"/>`);
    return `<g fill="${colour}">${dots.join('')}</g>`;
  }
  const path = points.map(([x, y]) => `${atX(x)},${atY(y)}`).join(' ');
  return `<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="2"${dashes(style)}/>`;
}

function drawLegend({ name, style, colour }: Series, y: number): string[] {
  const sample =
    style === 'points'
      ? `<circle cx="${right + 26}" cy="${y - 4}" r="2.5" fill="${colour}"/>`
      : `<line x1="${right + 14}" x2="${right + 38}" y1="${y - 4}" y2="${y - 4}" stroke="${colour}" stroke-width="2"${dashes(style)}/>`;
  return [sample, text(right + 44, y, name, 'start')];
}

function dashes(style: Series['style']): string {
  return style === 'dashed' ? ' stroke-dasharray="6 4"' : '';
}

function text(x: number, y: number, content: string, anchor: string, size = 12): string {
  return `<text x="${round(x)}" y="${round(y)}" text-anchor="${anchor}" font-size="${size}" fill="#333">${escapeText(content)}</text>`;
}

function escapeText(content: string): string {
  return content.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}

/** Tenths of a pixel: the same text on every machine. */
function round(value: number): number {
  return Math.round(value * 10) / 10;
}
