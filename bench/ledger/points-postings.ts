/**
 * Points journalled per second: entries as the hot path leaves them, in batches as the server's loop takes them, durable.
 * One JSON line. `--entries N` (default 400000), `--members N` (default 20000).
 */
import { cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import type { Sql } from '@taika/database/connect';
import { systemClock } from '@taika/runtime/clock';
import { dispatchMigrations } from '../../programs/dispatch/src/migrations.ts';
import { journalPointsStep } from '../../programs/dispatch/src/rewards/journal-points.ts';
import { secondsSince, startDurableBooks } from './durable-books.ts';

const { values } = parseArgs({
  options: { entries: { type: 'string', default: '400000' }, members: { type: 'string', default: '20000' } },
});
const [entries, members] = [Number(values.entries), Number(values.members)];

await using started = await startDurableBooks(['dispatch'], [dispatchMigrations]);
const [book] = started.books;
if (book === undefined) {
  throw new Error('A book was started.');
}
const { sql } = book;
await writeEntries(sql);
const context = { sql, clock: systemClock, contractor: { currency: 'JPY' } } as Parameters<
  typeof journalPointsStep
>[0];
const startMs = performance.now();
while ((await journalPointsStep(context)) === 'again') {
  // Until all is in the books.
}
const seconds = secondsSince(startMs);
const [row] = await sql<{ journals: bigint; postings: bigint }[]>`
  select (select count(*) from ledger.journal) as journals, (select count(*) from ledger.posting) as postings
`;
console.log(
  JSON.stringify({
    bench: 'points-postings',
    entries,
    members,
    seconds,
    postingsPerSecond: Math.round(Number(row?.postings) / seconds),
    journalsPerSecond: Math.round(Number(row?.journals) / seconds),
    entriesPerSecond: Math.round(entries / seconds),
    loadAverage: loadavg()[0],
    cores: cpus().length,
  }),
);

/** Members of a service, each with a terminal, and results of one job spread over them. */
async function writeEntries(db: Sql): Promise<void> {
  await db`insert into blob (sha256, bytes, stored_at) values (${'b'.repeat(64)}, 1, now())`;
  await db`
    insert into rate_card
      (version, per_fuel, currency, price_milli, points_milli, tax_basis_points, reference_fuel_per_second, published_at)
    values (1, 1000000000, 'JPY', 1000, 500, 1000, 1000000000, now())
  `;
  await db`insert into customer (id, name, currency, created_at) values (gen_random_uuid(), 'Bench', 'JPY', now())`;
  await db`
    insert into job (id, customer_number, name, spec, spec_sha256, state, reason_code, rate_version, artefact_kind, unit_count,
                     created_at)
    select gen_random_uuid(), number, 'bench', '{}', ${'b'.repeat(64)}, 'running', 'computing', 1, 'fast', 1, now()
    from customer
  `;
  await db`insert into member (id, created_at) select gen_random_uuid(), now() from generate_series(1, ${members}::int)`;
  await db`
    insert into terminal (id, member_number, name, registered_at)
    select gen_random_uuid(), number, 'bench', now()
    from member
  `;
  await db`
    insert into points_entry (member_number, terminal_number, job_number, kind, fuel, units, at)
    select 1 + n % ${members}::int, 1 + n % ${members}::int, 1, 'accepted', 2000000000, 1, now()
    from generate_series(1, ${entries}::int) n
  `;
  await db`analyze`;
}
