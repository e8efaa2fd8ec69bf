import { colours, drawPlot, everyTick } from '@taika/example-plots/plot';
import type { Inputs, Scores, Table } from './score.ts';

const hoursPerCycle = 6;
const days = (cycle: number) => (cycle * hoursPerCycle) / 24;

/** How wrong the analyses are, day by day, beside those who see no observations or nothing else. */
export function drawErrors({ byCycle, climatology }: Scores): string {
  const last = days(byCycle.at(-1)?.cycle ?? 0);
  const curve = (value: (errors: Scores['byCycle'][number]) => number) =>
    byCycle.map((errors): [number, number] => [days(errors.cycle), value(errors)]);
  return drawPlot({
    title: 'How wrong one is about the weather now, mean of six experiments',
    x: { title: 'days', from: 0, to: last, ticks: everyTick(0, last, 5) },
    y: {
      title: 'root mean square error',
      from: 0.1,
      to: 6,
      isLogarithmic: true,
      ticks: [0.1, 0.2, 0.5, 1, 2, 5].map((at) => [at, String(at)]),
    },
    series: [
      { name: 'free run', points: curve(({ freeRun }) => freeRun), style: 'line', colour: colours.red },
      {
        name: 'climatology',
        points: curve(() => climatology),
        style: 'dashed',
        colour: colours.grey,
      },
      {
        name: 'observations',
        points: curve(({ observations }) => observations),
        style: 'line',
        colour: colours.orange,
      },
      { name: 'analysis', points: curve(({ analysis }) => analysis), style: 'line', colour: colours.blue },
      { name: 'literature: 0.2', points: curve(() => 0.2), style: 'dashed', colour: colours.black },
    ],
  });
}

/** One place of the first experiment over the last ten days: the truth, what was observed, and what the filter believes. */
export function drawPlace({ truth, observations, analysis }: Inputs): string {
  const cycles = Math.max(...truth.map(([, cycle = 0]) => cycle));
  const [from, to] = [days(cycles) - 10, days(cycles)];
  const at = (table: Table, column: number) =>
    table
      .filter(([experiment, cycle = 0]) => experiment === 1 && days(cycle) >= from)
      .map((line): [number, number] => [days(line[1] ?? 0), line[column] ?? Number.NaN]);
  return drawPlot({
    title: 'One place of the planet, the last ten days',
    x: { title: 'days', from, to, ticks: everyTick(from, to, 1) },
    y: { title: 'variable 1', from: -10, to: 15, ticks: everyTick(-10, 15, 5) },
    series: [
      { name: 'truth', points: at(truth, 2), style: 'line', colour: colours.black },
      { name: 'observations', points: at(observations, 2), style: 'points', colour: colours.orange },
      { name: 'analysis', points: at(analysis, 3), style: 'dashed', colour: colours.blue },
    ],
  });
}
