import { colours, drawPlot, everyTick, type Series } from '@taika/example-plots/plot';
import { criticalTemperature, exactMagnetisation, type Point } from './compare.ts';

const colourOf = [colours.sky, colours.green, colours.red];

/** Magnetisation over temperature: three lattices, and the exact solution of an endless one. */
export function drawMagnetisation(points: readonly Point[]): string {
  const exact = Array.from({ length: 1601 }, (_, index): [number, number] => {
    const temperature = 1.6 + index / 1000;
    return [temperature, exactMagnetisation(temperature)];
  });
  return drawPlot({
    title: 'A magnet loses its magnetisation',
    x: { title: 'temperature', from: 1.6, to: 3.2, ticks: everyTick(1.6, 3.2, 0.2) },
    y: { title: 'magnetisation |m|', from: 0, to: 1, ticks: everyTick(0, 1, 0.2) },
    series: [
      { name: 'exact, endless', points: exact, style: 'line', colour: colours.black },
      ...bySize(points, ({ magnetisation }) => magnetisation, 'points'),
    ],
  });
}

/** Binder's cumulant near the critical temperature: curves of all sizes cross where the magnet ends. */
export function drawBinder(points: readonly Point[]): string {
  return drawPlot({
    title: 'The curves of all sizes cross at the critical temperature',
    x: { title: 'temperature', from: 2.2, to: 2.35, ticks: everyTick(2.2, 2.35, 0.025) },
    y: { title: 'Binder’s cumulant', from: 0.25, to: 0.7, ticks: everyTick(0.25, 0.7, 0.05) },
    series: [
      {
        name: 'exact Tc',
        points: [
          [criticalTemperature, 0.25],
          [criticalTemperature, 0.7],
        ],
        style: 'dashed',
        colour: colours.grey,
      },
      ...bySize(points, ({ binder }) => binder, 'line'),
    ],
  });
}

function bySize(points: readonly Point[], value: (point: Point) => number, style: Series['style']): Series[] {
  return [...Map.groupBy(points, ({ size }) => size)].map(([size, ofSize], index) => ({
    name: `${size} × ${size} spins`,
    points: ofSize.map((point) => [point.temperature, value(point)] as const),
    style,
    colour: colourOf[index % colourOf.length] ?? colours.blue,
  }));
}
