/**
 * Compares the sweep with the exact solution: `node examples/ising/src/compare.ts [sweep.csv]`. Prints the figures of
 * README.md, and with `--draw` draws its pictures anew.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { drawBinder, drawMagnetisation } from './draw.ts';

/** One line of the sweep. */
export interface Point {
  readonly size: number;
  readonly temperature: number;
  readonly magnetisation: number;
  /** Standard error of the magnetisation. */
  readonly error: number;
  readonly binder: number;
}

/** Onsager (1944): where an endless lattice loses its magnetisation. */
export const criticalTemperature = 2 / Math.log(1 + Math.SQRT2);

/** Binder's cumulant of an endless square lattice at the critical temperature (Kamieniarz and Blöte 1993). */
export const criticalBinder = 0.61069;

/** Yang (1952): the magnetisation of an endless lattice. */
export function exactMagnetisation(temperature: number): number {
  return temperature >= criticalTemperature ? 0 : (1 - Math.sinh(2 / temperature) ** -4) ** (1 / 8);
}

export interface Comparison {
  /** Below T = 2.2 the largest lattice is as good as endless: how far it is from the exact solution, in standard errors. */
  readonly deviations: readonly { readonly temperature: number; readonly sigma: number }[];
  /** Where Binder's cumulants of each two neighbouring sizes cross: an estimate of the critical temperature without any theory. */
  readonly crossings: readonly { readonly sizes: readonly [number, number]; readonly temperature: number }[];
}

export function compare(points: readonly Point[]): Comparison {
  const sizes = [...new Set(points.map(({ size }) => size))].sort((a, b) => a - b);
  const ofSize = (size: number | undefined) => points.filter((point) => point.size === size);
  return {
    deviations: ofSize(sizes.at(-1))
      .filter(({ temperature }) => temperature < 2.2)
      .map(({ temperature, magnetisation, error }) => ({
        temperature,
        sigma: (magnetisation - exactMagnetisation(temperature)) / error,
      })),
    crossings: sizes.slice(1).map((size, index) => {
      const smaller = sizes[index] ?? 0;
      return { sizes: [smaller, size] as const, temperature: crossing(ofSize(smaller), ofSize(size)) };
    }),
  };
}

/**
 * Where the larger lattice's cumulant goes from above the smaller one's to below: the zero of the straight line through
 * their differences near the middle, by least squares, since single points are noisy.
 */
function crossing(smaller: readonly Point[], larger: readonly Point[]): number {
  const near = larger.flatMap(({ temperature, binder }) => {
    const other = smaller.find((point) => point.temperature === temperature);
    return other === undefined || Math.abs(temperature - 2.27) > 0.011
      ? []
      : [[temperature, binder - other.binder] as const];
  });
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const middle = mean(near.map(([temperature]) => temperature));
  const height = mean(near.map(([, difference]) => difference));
  const slope =
    mean(near.map(([temperature, difference]) => (temperature - middle) * (difference - height))) /
    mean(near.map(([temperature]) => (temperature - middle) ** 2));
  return middle - height / slope;
}

export function readPoints(path: string | URL = new URL('../sweep.csv', import.meta.url)): Point[] {
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n').slice(1);
  return lines.map((line) => {
    const [size = 0, temperature = 0, magnetisation = 0, error = 0, binder = 0] = line.split(',').map(Number);
    return { size, temperature, magnetisation, error, binder };
  });
}

if (import.meta.main) {
  const points = readPoints(process.argv.slice(2).find((word) => !word.startsWith('--')));
  const { deviations, crossings } = compare(points);
  for (const { temperature, sigma } of deviations)
    console.log(`T ${temperature}: ${sigma.toFixed(1)} standard errors from the exact magnetisation`);
  for (const { sizes, temperature } of crossings)
    console.log(`${sizes.join(' and ')} cross at ${temperature.toFixed(4)}`);
  console.log(`exact critical temperature ${criticalTemperature.toFixed(4)}`);
  if (process.argv.includes('--draw')) {
    const at = (name: string) => new URL(`../${name}`, import.meta.url);
    writeFileSync(at('magnetisation.svg'), drawMagnetisation(points));
    writeFileSync(at('binder.svg'), drawBinder(points));
  }
}
