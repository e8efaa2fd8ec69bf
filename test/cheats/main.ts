/**
 * The full set against the real servers: `npm run test:cheats -- [--units 10000] [--terminals 48] [--cells always,collude]
 * [--seed 1] [--json]`. Each cell has servers and databases of its own. Ends with 1 when a cell is not as it must be.
 */
import { parseArgs } from 'node:util';
import { type CellOutcome, runCell } from './cell.ts';
import { allCells, type JudgedCell } from './cells.ts';
import { type CheatGrid, openCheatGrid } from './cheat-grid.ts';
import { judgeAlways, judgeBound, judgeCheats, judgeOutput, judgeTrace } from './judge-cell.ts';

const { values } = parseArgs({
  options: {
    units: { type: 'string', default: '10000' },
    terminals: { type: 'string', default: '48' },
    cells: { type: 'string' },
    seed: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
  },
});
const wanted = values.cells?.split(',');
const all = allCells({ units: Number(values.units), terminals: Number(values.terminals) });
const cells = all.filter(({ name }) => wanted?.includes(name) ?? true);
if (cells.length === 0) throw new Error(`No such cell; there are ${all.map(({ name }) => name).join(', ')}.`);
console.error(`SEED=${values.seed}`);

for (const cell of cells) {
  await using grid = await openCheatGrid(values.seed);
  const outcome = await runCell(grid, cell);
  try {
    const figures = await judge(grid, cell, outcome);
    console.log(values.json ? JSON.stringify({ cell: cell.name, ...figures }) : describe(cell, figures));
  } catch (error) {
    process.exitCode = 1;
    console.log(
      values.json
        ? JSON.stringify({ cell: cell.name, failed: String(error) })
        : `${cell.name}: FAILED\n${String(error)}`,
    );
  }
}

async function judge(grid: CheatGrid, cell: JudgedCell, outcome: CellOutcome) {
  await judgeAlways(grid, outcome);
  const trace = await judgeTrace(grid, outcome);
  if (cell.isCaught) {
    judgeOutput(outcome);
    if (cell.cheats.length > 0) await judgeCheats(grid, outcome, trace);
  }
  const wrong = judgeBound(outcome, trace);
  const cheats = outcome.terminals.filter(({ isCheat }) => isCheat);
  const [copies] = await grid.sql<{ byTerminals: number; byReference: number; lapsed: number }[]>`
    select count(*) filter (where by_terminal is not null and result_units > 0)::int as by_terminals,
           count(*) filter (where by_terminal is null)::int as by_reference,
           count(*) filter (where outcome = 'lapsed')::int as lapsed
    from audit
  `;
  return {
    units: cell.units,
    seconds: Math.round(outcome.seconds),
    decisions: trace.decisions.length,
    lies: outcome.terminals.reduce((sum, { liar }) => sum + liar.lies, 0),
    identities: cheats.length,
    revoked: cheats.filter(({ isRevoked }) => isRevoked).length,
    wrongAfterRecall: wrong,
    copies,
  };
}

function describe({ name }: JudgedCell, figures: Awaited<ReturnType<typeof judge>>): string {
  const parts = Object.entries(figures).map(([key, value]) => `${key} ${JSON.stringify(value)}`);
  return `${name}: as it must be (${parts.join(', ')})`;
}
