/** A point of a picture; a rate of 0 is drawn on the floor. */
export interface PicturePoint {
  readonly x: number;
  readonly rate: number;
  readonly label?: string;
}

/** One line or cloud of points. */
export interface PictureSeries {
  readonly name: string;
  readonly points: readonly PicturePoint[];
  readonly isLine: boolean;
}

/** A picture with rates of wrong results upwards, on a logarithmic scale. */
export interface Picture {
  readonly title: string;
  readonly xTitle: string;
  readonly xTicks: readonly { readonly at: number; readonly text: string }[];
  readonly isXLogarithmic: boolean;
  /** The lowest rate that is drawn; below it a rate counts as none. */
  readonly floor: number;
  readonly series: readonly PictureSeries[];
}

/** The picture as SVG text, readable on light and dark pages. */
export function drawPicture(picture: Picture): string {
  const { xTicks, isXLogarithmic, floor, series } = picture;
  const scale = (value: number) => (isXLogarithmic ? Math.log10(value) : value);
  const from = scale(xTicks[0]?.at ?? 0);
  const to = scale(xTicks.at(-1)?.at ?? 1);
  const x = (value: number) => round(left + ((scale(value) - from) / (to - from)) * (right - left));
  const lowest = Math.log10(floor);
  const y = (rate: number) =>
    round(bottom - ((Math.log10(Math.max(rate, floor)) - lowest) / -lowest) * (bottom - top));
  const lines = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12" role="img">`,
    `<title>${escapeText(picture.title)}</title>`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    text(left, 22, picture.title, 'start', 15),
    ...decades(lowest).flatMap((decade) => [
      `<line x1="${left}" x2="${right}" y1="${y(10 ** decade)}" y2="${y(10 ** decade)}" stroke="#ddd"/>`,
      text(left - 8, y(10 ** decade) + 4, decade === lowest ? 'none found' : `1e${decade}`, 'end'),
    ]),
    ...xTicks.map((tick) => text(x(tick.at), bottom + 18, tick.text, 'middle')),
    text((left + right) / 2, bottom + 38, picture.xTitle, 'middle'),
    ...series.flatMap((one, place) => drawSeries(one, colours[place % colours.length] ?? '#000', x, y)),
    ...(series.length < 2
      ? []
      : series.map((one, place) =>
          text(right - 4, top + 16 + 16 * place, one.name, 'end', 12, colours[place % colours.length]),
        )),
    '</svg>',
  ];
  return `${lines.join('\n')}\n`;
}

function drawSeries(
  { points, isLine }: PictureSeries,
  colour: string,
  x: (value: number) => number,
  y: (rate: number) => number,
): string[] {
  const path = points.map((point) => `${x(point.x)},${y(point.rate)}`).join(' ');
  return [
    ...(isLine ? [`<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="2"/>`] : []),
    ...points.map((point) => `<circle cx="${x(point.x)}" cy="${y(point.rate)}" r="4" fill="${colour}"/>`),
    ...points.flatMap((point) =>
      point.label === undefined
        ? []
        : [text(x(point.x) + 8, y(point.rate) - 6, point.label, 'start', 12, colour)],
    ),
  ];
}

function decades(lowest: number): number[] {
  return Array.from({ length: -lowest + 1 }, (_, place) => lowest + place);
}

function text(x: number, y: number, content: string, anchor: string, size = 12, fill = '#333'): string {
  return `<text x="${round(x)}" y="${round(y)}" text-anchor="${anchor}" font-size="${size}" fill="${fill}">${escapeText(content)}</text>`;
}

function escapeText(content: string): string {
  return content.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

const width = 720;
const height = 400;
const left = 90;
const right = 690;
const top = 40;
const bottom = 340;
const colours = ['#1f6feb', '#c2410c', '#15803d', '#7c3aed'];
