import { drawPicture } from './picture.ts';
import type { SimulationReport } from './report.ts';
import type { RivalReport } from './rivals/rival.ts';

/** What each policy accepts wrongly and costs, at f = 5 %, against the ring that lies whenever it is believed. */
export function drawPolicies(grid: readonly SimulationReport[], rivals: readonly RivalReport[]): string {
  const ours = grid
    .filter(({ options }) => options.cheaters === 0.05 && options.strategy === 'collude-trusted')
    .map(({ executions, wrongFinalRate }) => ({
      x: executions,
      rate: wrongFinalRate,
      label: 'Taika, standard',
    }));
  const theirs = rivals
    .filter(({ options }) => options.cheaters === 0.05 && options.strategy === 'collude-trusted')
    .map(({ policy, executions, wrongRate }) => ({ x: executions, rate: wrongRate, label: policy }));
  return drawPicture({
    title: 'Wrong results accepted, one terminal in twenty in a ring that lies once it is trusted',
    xTitle: 'executions per unit, everything included',
    xTicks: [1, 1.5, 2, 2.5, 3, 3.5].map((tick) => ({ at: tick, text: String(tick) })),
    isXLogarithmic: false,
    floor: 1e-7,
    series: [
      { name: 'Taika', points: ours, isLine: false },
      { name: 'others', points: theirs, isLine: false },
    ],
  });
}

/** What a ring of a fifth of all terminals gets through, by how often it lies. */
export function drawLieRates(
  sweeps: Readonly<Record<'standard' | 'high', readonly SimulationReport[]>>,
): string {
  const line = (
    name: string,
    reports: readonly SimulationReport[],
    figure: 'wrongFinalRate' | 'wrongAfterRecallRate',
  ) => ({
    name,
    isLine: true,
    points: reports.map((report) => ({ x: report.options.lieRate ?? 1, rate: report[figure] })),
  });
  return drawPicture({
    title: 'Wrong results of a ring of one terminal in five, by how often it lies',
    xTitle: 'share of its results that are lies, once it is trusted',
    xTicks: [0.0001, 0.001, 0.01, 0.1, 1].map((tick) => ({ at: tick, text: `${100 * tick} %` })),
    isXLogarithmic: true,
    floor: 1e-7,
    series: [
      line('standard, before recall', sweeps.standard, 'wrongFinalRate'),
      line('standard, after recall', sweeps.standard, 'wrongAfterRecallRate'),
      line('high, after recall', sweeps.high, 'wrongAfterRecallRate'),
    ],
  });
}
