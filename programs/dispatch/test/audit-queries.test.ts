import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import type { Sql } from '@taika/database/connect';
import { createTestDatabase } from '@taika/database/test-database';
import { inTransaction } from '@taika/database/transaction';
import { ledgerMigrations } from '@taika/ledger/migrations';
import fc from 'fast-check';
import { dispatchMigrations } from '../src/migrations.ts';
import { insertAudits, lapseOfSilent, type NewAudit } from '../src/trust/audit-queries.ts';
import { claimAudits, lapseUnfitting } from '../src/trust/claim-queries.ts';
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

/** What the calls of a terminal ask for; the job needs 64 MiB. */
const lending = { unitsMax: 1_024, parallel: 2, memoryMiB: 512 };
let ids = 0n;

function claimBy(
  role: 'member' | 'reference',
  wanted: typeof lending,
  { fuelPerUnit = 10, memoryMiB = 64, jobs = [jobNumber] } = {},
) {
  const assignmentIds = Array.from({ length: 16 }, () => ++ids);
  const pace = paceOf({ fuelPerUnit, referenceFuelPerSecond: 1_000 }, 600_000);
  return {
    terminalNumber: partner,
    memberNumber: 1n,
    isReference: role === 'reference',
    cycleKey: 1n,
    wanted,
    demands: jobs.map((number) => ({ jobNumber: number, memoryMiB, ...pace })),
    assignmentIds,
  };
}

const referenceCopy = (firstUnit: number, runMs: number): NewAudit => ({
  ...flushCopy(firstUnit, runMs),
  byTerminal: undefined,
  wait: undefined,
});

test('a reference executor gets about a minute of copies at once, and at least one', async () => {
  await order(
    Array.from({ length: 16 }, (_, nth) => referenceCopy(nth, 30_000)),
    new Date(),
  );
  const claim = async (fuelPerUnit: number) =>
    (await claimAudits(sql, claimBy('reference', lending, { fuelPerUnit }))).length;
  assert.equal(await claim(30_000), 4, 'Two workers, half a minute each.');
  assert.equal(await claim(300_000), 1, 'One takes five minutes.');
  assert.equal(await claim(10), 11, 'All that are left are quick.');
});

test('a copy that does not fit the call of its partner lapses at that call, and not before', async () => {
  await order([{ ...flushCopy(0, 1_000), units: 8 }, flushCopy(8, 1_000)], new Date());
  const small = claimBy('member', { ...lending, unitsMax: 7 });
  assert.deepEqual(
    (await claimAudits(sql, small)).map(({ firstUnit }) => firstUnit),
    [8],
    'What fits goes before what does not.',
  );
  const states = async () =>
    (await sql<{ state: string }[]>`select state from audit order by first_unit`).map(({ state }) => state);
  assert.deepEqual(await states(), ['wanted', 'out']);
  assert.equal(await lapseUnfitting(sql, small), 1);
  assert.equal(await lapseUnfitting(sql, claimBy('member', lending)), 0);
  assert.deepEqual(await states(), ['lapsed', 'out']);
});

const call = fc.record({
  wanted: fc.record({
    unitsMax: fc.integer({ min: 1, max: 20 }),
    parallel: fc.integer({ min: 1, max: 4 }),
    memoryMiB: fc.integer({ min: 32, max: 128 }),
  }),
  memoryMiB: fc.integer({ min: 32, max: 128 }),
});
const copy = fc.record({ units: fc.integer({ min: 1, max: 16 }), job: fc.integer({ min: 1, max: 3 }) });

test('whatever a member asks for, a copy fits it as ordinary work does, or waits for this member no more', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(copy, { maxLength: 12 }),
      fc.array(call, { maxLength: 12 }),
      async (copies, calls) => {
        await sql`delete from assignment`;
        await sql`delete from audit`;
        const wants = copies.map(({ units, job }, nth) => ({
          ...flushCopy(nth * 64, 1_000),
          units,
          jobNumber: BigInt(job),
        }));
        if (wants.length > 0) await order(wants, new Date());
        let left = copies.length;
        for (const { wanted, memoryMiB } of calls) {
          const claim = claimBy('member', wanted, { memoryMiB, jobs: [1n, 2n, 3n] });
          const claimed = await claimAudits(sql, claim);
          assert.ok(claimed.length <= 1, 'One run of one job.');
          for (const { units } of claimed) {
            assert.ok(units <= wanted.unitsMax);
            assert.ok(memoryMiB <= wanted.memoryMiB);
          }
          const lapsed = claimed.length === 0 ? await lapseUnfitting(sql, claim) : 0;
          left -= claimed.length + lapsed;
          assert.ok(
            claimed.length > 0 || left === 0,
            'A call that gets none of its copies leaves none waiting.',
          );
        }
      },
    ),
    { numRuns: 40 },
  );
});
