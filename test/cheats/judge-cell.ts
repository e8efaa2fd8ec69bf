import assert from 'node:assert/strict';
import { replayDecisions } from '@taika/trust/replay';
import { endOf, followTrace } from '@taika/trust/simulate/follow-trace';
import { answers } from '@taika/trust/simulate/strategy';
import { trustLevels, wrongResultsBound } from '@taika/trust/trust-level';
import { assertOfferedOnce } from '../../programs/dispatch/test/support/trust.ts';
import type { CellOutcome } from './cell.ts';
import type { CheatGrid } from './cheat-grid.ts';
import { readTrace, type ServerTrace } from './read-trace.ts';

/** What must be true after any cell, whatever the strategy: nothing broken, and nobody honest punished. */
export async function judgeAlways(grid: CheatGrid, { terminals }: CellOutcome): Promise<void> {
  const { sql } = grid;
  assert.deepEqual([...(await sql`select * from dispatch_defects()`)], []);
  assert.deepEqual([...(await sql`select * from ledger.defect`)], []);
  await assertOfferedOnce(sql);
  for (const terminal of terminals.filter(({ strategy }) => strategy.lieRate === 0)) {
    const { name } = terminal;
    assert.equal(terminal.isRevoked, false, `${name} is honest and was revoked`);
    const { state, evidence } = await terminal.license();
    assert.equal(state, 'licensed', `${name} is honest and has no license`);
    assert.equal(evidence.pointsForfeitedMilli, '0', `${name} is honest and points of it were forfeited`);
  }
}

/** The recorded decisions are those of the rules, and the simulator that is fed the same comes to the same. */
export async function judgeTrace(grid: CheatGrid, { cell }: CellOutcome): Promise<ServerTrace> {
  const trace = await readTrace(grid.sql);
  assert.ok(trace.decisions.length >= cell.units, 'Every result is decided about.');
  const [discrepancy] = replayDecisions(trace.decisions, trace);
  assert.deepEqual(discrepancy, undefined, `${cell.name}: the trace is not what the rules give`);
  const { world, parting } = followTrace(trace.steps, { level: cell.level ?? 'standard' });
  assert.deepEqual(parting, undefined, `${cell.name}: servers and simulator part`);
  const standing = trace.runs.map(({ unit, state, answer }) => [unit, state === 'final', answer]);
  const simulated = trace.runs.map(({ unit }) => {
    const end = endOf(world, unit);
    return [unit, end?.isFinal, end?.answer];
  });
  assert.deepEqual(standing, simulated, `${cell.name}: results stand otherwise than simulated`);
  assert.equal(standing.length, cell.units);
  return trace;
}

/** The merged output is that of an honest pool. */
export function judgeOutput({ result, expected, cell }: CellOutcome): void {
  assert.ok(result === expected, `${cell.name}: ${firstDifference(result, expected)}`);
}

/** Whoever lied is revoked with its license, lost what was not final, and nothing was paid for a lie. */
export async function judgeCheats(
  { sql }: CheatGrid,
  { terminals, cell }: CellOutcome,
  trace: ServerTrace,
): Promise<void> {
  const cheats = terminals.filter(({ isCheat, liar }) => isCheat && liar.lies > 0);
  assert.ok(cheats.length > 0, `${cell.name}: nobody lied, so nothing was tried`);
  for (const cheat of cheats) {
    assert.ok(cheat.isRevoked, `${cheat.name} lied ${cheat.liar.lies} times and was not revoked`);
    // Suspended while what it handed in is computed again; what ends that is the contractor's business after the job.
    const { state } = await cheat.license();
    assert.ok(
      ['suspended', 'revoked'].includes(state),
      `${cheat.name} was revoked and its license is ${state}`,
    );
    const { committed, finalized, forfeited } = await readPoints(sql, cheat.terminalId);
    assert.ok(forfeited > 0n, `${cheat.name} lost nothing`);
    assert.equal(committed, finalized + forfeited, `${cheat.name} has points left to hope for`);
  }
  const isPaidLie = ({ answer, points }: { readonly answer: number; readonly points: string }) =>
    answer !== answers.right && points === 'paid';
  assert.deepEqual(trace.runs.filter(isPaidLie), [], `${cell.name}: lies were paid for`);
  assert.deepEqual(
    trace.copies.filter(isPaidLie),
    [],
    `${cell.name}: lies about others' results were paid for`,
  );
}

/** Wrong results that stand at the end, at most (1 − q′)/q′ an identity on average (G3 of docs/TRUST.md); gives how many. */
export function judgeBound({ terminals, cell }: CellOutcome, { runs }: ServerTrace): number {
  const wrong = runs.filter(({ answer }) => answer !== answers.right).length;
  const liars = terminals.filter(({ strategy }) => strategy.lieRate > 0).length;
  const bound = wrongResultsBound(trustLevels[cell.level ?? 'standard'], liars / cell.terminals);
  assert.ok(wrong <= bound * liars, `${cell.name}: ${wrong} wrong results of ${liars} identities stand`);
  return wrong;
}

/** Fuel that a terminal claimed, and what became of it. */
async function readPoints(sql: CheatGrid['sql'], terminalId: string) {
  const rows = await sql<{ kind: string; fuel: string }[]>`
    select e.kind, sum(e.fuel)::text as fuel
    from points_entry e
    join terminal t on t.number = e.terminal_number
    where t.id = ${terminalId}
    group by e.kind
  `;
  const of = (kind: string) => BigInt(rows.find((row) => row.kind === kind)?.fuel ?? 0);
  return { committed: of('committed'), finalized: of('finalized'), forfeited: of('forfeited') };
}

function firstDifference(result: string, expected: string): string {
  const [had, wanted] = [result.split('\n'), expected.split('\n')];
  const at = wanted.findIndex((line, place) => line !== had[place]);
  return `line ${at} is ${JSON.stringify(had[at])} and not ${JSON.stringify(wanted[at])}`;
}
