import assert from 'node:assert/strict';
import type { CellOutcome } from './cell.ts';
import type { CheatGrid } from './cheat-grid.ts';

/** What must be true after any cell, whatever the strategy: nothing broken, and nobody honest punished. */
export async function judgeAlways(grid: CheatGrid, { terminals }: CellOutcome): Promise<void> {
  const { sql } = grid;
  assert.deepEqual([...(await sql`select * from dispatch_defects()`)], []);
  assert.deepEqual([...(await sql`select * from ledger.defect`)], []);
  for (const terminal of terminals.filter(({ strategy }) => strategy.lieRate === 0)) {
    const { name } = terminal;
    assert.equal(terminal.isRevoked, false, `${name} is honest and was revoked`);
    const { state, evidence } = await terminal.license();
    assert.equal(state, 'licensed', `${name} is honest and has no license`);
    assert.equal(evidence.pointsForfeitedMilli, '0', `${name} is honest and points of it were forfeited`);
  }
}

/** The merged output is that of an honest pool. */
export function judgeOutput({ result, expected, cell }: CellOutcome): void {
  assert.ok(result === expected, `${cell.strategy}: ${firstDifference(result, expected)}`);
}

function firstDifference(result: string, expected: string): string {
  const [had, wanted] = [result.split('\n'), expected.split('\n')];
  const at = wanted.findIndex((line, place) => line !== had[place]);
  return `line ${at} is ${JSON.stringify(had[at])} and not ${JSON.stringify(wanted[at])}`;
}
