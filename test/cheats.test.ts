/** Cheats of every kind against the real servers, over HTTP: the reduced set. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { runCell } from './cheats/cell.ts';
import { type CheatGrid, openCheatGrid } from './cheats/cheat-grid.ts';
import { judgeAlways, judgeOutput } from './cheats/judge-cell.ts';

const seed = process.env.SEED ?? '1';
console.log(`SEED=${seed}`);
const rest = new AsyncDisposableStack();
let grid: CheatGrid;

before(async () => {
  grid = rest.use(await openCheatGrid(seed));
});
after(() => rest.disposeAsync());

test('an honest pool, one with a bad line and one too slow: the right output, and nobody is punished', async () => {
  const outcome = await runCell(grid, { strategy: 'honest', units: 600, terminals: 6, cheats: 0 });
  judgeOutput(outcome);
  await judgeAlways(grid, outcome);
  const slow = outcome.terminals.find(({ isSlow }) => isSlow);
  assert.ok((slow?.verdicts.get('late') ?? 0) > 0, 'The slow terminal came too late at least once.');
  const accepted = outcome.terminals.map(({ verdicts }) => verdicts.get('accepted') ?? 0);
  assert.ok(accepted.every((count) => count > 0));
});
