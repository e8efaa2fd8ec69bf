import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import type { Sql } from '@taika/database/connect';
import { createTestDatabase } from '@taika/database/test-database';
import { inTransaction } from '@taika/database/transaction';
import { ledgerMigrations } from '@taika/ledger/migrations';
import { dispatchMigrations } from '../src/migrations.ts';
import { claimAudits, insertAudits, lapseOfSilent, type NewAudit } from '../src/trust/audit-queries.ts';
import { partnerWait } from '../src/trust/partner-wait.ts';
import { paceOf } from '../src/units/run-size.ts';

const partner = 7n;
const jobNumber = 1n;
let database: Awaited<ReturnType<typeof createTestDatabase>>;
let sql: Sql;

before(async () => {
  database = await createTestDatabase({ migrations: [ledgerMigrations, dispatchMigrations] });
  sql = database.sql;
  // The rows that these queries look at, and none of those around them.
  await sql`alter table terminal_presence drop constraint terminal_presence_terminal_number_fkey`;
});
after(() => database[Symbol.asyncDispose]());
beforeEach(async () => {
  await sql`delete from audit`;
  await sql`delete from terminal_presence`;
});

function flushCopy(firstUnit: number, runMs: number): NewAudit {
  return {
    jobNumber,
    firstUnit,
    units: 1,
    authorAssignment: BigInt(firstUnit + 1),
    authorTerminal: 3n,
    kind: 'copy',
    reason: 'flush',
    byTerminal: partner,
    artefact: undefined,
    judgedAssignment: undefined,
    judgedTerminal: undefined,
    wait: partnerWait({ reason: 'flush', runMs }),
  };
}

const order = (copies: readonly NewAudit[], at: Date) =>
  inTransaction(sql, (tx) => insertAudits(tx, copies, at));

test('of many copies for one terminal each waits as much longer as those before it take', async () => {
  const at = new Date('2026-01-01T00:00:00Z');
  await order([flushCopy(0, 60_000), flushCopy(1, 60_000)], at);
  await order([flushCopy(2, 60_000)], at);
  const rows = await sql<{ seconds: number }[]>`
    select extract(epoch from lapses_at - wanted_at)::int as seconds from audit order by first_unit
  `;
  assert.deepEqual(
    rows.map(({ seconds }) => seconds),
    [20 + 240, 20 + 2 * 240, 20 + 3 * 240],
  );
});

for (const [title, state, seenBefore, lapses] of [
  ['a terminal that calls keeps its copies', 'computing', 10, 0],
  ['a terminal that was silent for half a minute loses the copies of a flush', 'computing', 40, 1],
  ['a terminal that was paused loses its copies', 'paused', 1, 1],
] as const) {
  test(title, async () => {
    await order([flushCopy(0, 60_000)], new Date(Date.now() - 35_000));
    await sql`
      insert into terminal_presence (terminal_number, seen_at, state, busy_until)
      values (${partner}, now() - make_interval(secs => ${seenBefore}), ${state}, now())
    `;
    assert.equal(await lapseOfSilent(sql), lapses);
  });
}

test('a terminal gets about a minute of copies at once, and at least one', async () => {
  await order(
    Array.from({ length: 16 }, (_, nth) => flushCopy(nth, 30_000)),
    new Date(),
  );
  const claim = async (fuelPerUnit: number, firstId: number) =>
    (
      await claimAudits(sql, {
        terminalNumber: partner,
        memberNumber: 1n,
        isReference: false,
        cycleKey: 1n,
        unitsMax: 1_024,
        parallel: 2,
        paces: [{ jobNumber, ...paceOf({ fuelPerUnit, referenceFuelPerSecond: 1_000 }, 600_000) }],
        assignmentIds: Array.from({ length: 16 }, (_, nth) => BigInt(firstId + nth)),
      })
    ).length;
  assert.equal(await claim(30_000, 100), 4, 'Two workers, half a minute each.');
  assert.equal(await claim(300_000, 200), 1, 'One takes five minutes.');
  assert.equal(await claim(10, 300), 11, 'All that are left are quick.');
});
