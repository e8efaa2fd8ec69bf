/**
 * The full grid: `npm run simulate:trust -- --units 1e6 --terminals 200 --seed 1 [--docs DIRECTORY] [--json]`. With
 * `--docs docs` it writes its pictures there and its tables into TRUST.md.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { replaceTables } from './document.ts';
import { judgeGoals } from './goals.ts';
import { type GridSize, runGrid, runLevels, runRivals, runSmallPools, sweepLieRate } from './grid.ts';
import { drawLieRates, drawPolicies } from './pictures.ts';
import type { SimulationReport } from './report.ts';
import { goalTable, reportTable, rivalTable } from './tables.ts';

const { values } = parseArgs({
  options: {
    units: { type: 'string', default: '1e6' },
    terminals: { type: 'string', default: '200' },
    seed: { type: 'string', default: '1' },
    docs: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});
const size: GridSize = {
  units: Number(values.units),
  terminals: Number(values.terminals),
  seed: values.seed,
};
if (!values.json) console.log(`SEED=${size.seed} units=${size.units} terminals=${size.terminals}`);

const grid = collect(runGrid(size));
const rivals = [...runRivals(size)];
const sweeps = {
  standard: collect(sweepLieRate(size, 'standard')),
  high: collect(sweepLieRate(size, 'high')),
};
const levels = collect(runLevels(size));
const pools = collect(runSmallPools(size));
const goals = judgeGoals(grid);

if (values.docs !== undefined) {
  const page = join(values.docs, 'TRUST.md');
  writeFileSync(join(values.docs, 'trust-policies.svg'), drawPolicies(grid, rivals));
  writeFileSync(join(values.docs, 'trust-lie-rate.svg'), drawLieRates(sweeps));
  writeFileSync(page, replaceTables(readFileSync(page, 'utf8'), { grid, rivals, sweeps, levels, pools }));
}
if (values.json) {
  console.log(JSON.stringify({ size, grid, rivals, sweeps, levels, pools, goals }, undefined, 1));
} else {
  for (const reports of [grid, [...sweeps.standard, ...sweeps.high], levels, pools]) {
    console.log(`\n${reportTable(reports)}`);
  }
  console.log(`\n${rivalTable(rivals)}\n\n${goalTable(goals)}`);
}

/** All cells, each named on standard error when it is done: a grid takes minutes. */
function collect(cells: Iterable<SimulationReport>): SimulationReport[] {
  const done: SimulationReport[] = [];
  for (const report of cells) {
    const { strategy, cheaters, level, lieRate } = report.options;
    console.error(`${strategy} at ${cheaters}, ${level}${lieRate === null ? '' : `, lie rate ${lieRate}`}`);
    done.push(report);
  }
  return done;
}
