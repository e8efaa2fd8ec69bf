/** Cheats against the real servers, over HTTP and PostgreSQL: the reduced set. The full one: `npm run test:cheats`. */
import { test } from 'node:test';
import { strategies } from '@taika/trust/simulate/strategy';
import { runCell } from './cheats/cell.ts';
import { openCheatGrid } from './cheats/cheat-grid.ts';
import { judgeAlways, judgeCheats, judgeOutput, judgeTrace } from './cheats/judge-cell.ts';

const seed = process.env.SEED ?? '1';
console.log(`SEED=${seed}`);

test('liars, a ring and inflated fuel beside a bad line and a slow terminal: the honest output, and only cheats fall', async () => {
  await using grid = await openCheatGrid(seed);
  const outcome = await runCell(grid, {
    name: 'mixed',
    units: 500,
    terminals: 10,
    cheats: [
      strategies.always,
      strategies['fuel-10-trusted'],
      strategies['collude-trusted'],
      strategies['collude-trusted'],
    ],
  });
  judgeOutput(outcome);
  await judgeAlways(grid, outcome);
  await judgeCheats(grid, outcome, await judgeTrace(grid, outcome));
});
