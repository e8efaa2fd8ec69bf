import assert from 'node:assert/strict';
import type { Sql } from '@taika/database/connect';
import { inTransaction } from '@taika/database/transaction';
import type { WantedTrust } from '@taika/protocol/trust-prices';
import { systemClock } from '@taika/runtime/clock';
import { holdForJob } from '../../src/billing/hold-for-job.ts';
import { issueInvoiceStep } from '../../src/billing/issue-invoices.ts';
import { readPointsBalance } from '../../src/rewards/read-balance.ts';
import { pause } from './grid.ts';
import { newId } from './parties.ts';

/** All points of a terminal's member as the member sees them, in thousandths, as text. */
export async function readPointsOf(sql: Sql, terminalId: string) {
  const [row] = await sql<
    { memberNumber: bigint }[]
  >`select member_number from terminal where id = ${terminalId}`;
  assert.ok(row, 'The terminal exists.');
  const points = await readPointsBalance(sql, row.memberNumber, systemClock.now());
  const text = Object.entries(points).map(([name, milli]) => [name, String(milli)]);
  return Object.fromEntries(text) as Record<keyof typeof points, string>;
}

/** A job as the hot path leaves it when it is done, without having been computed. */
export interface DoneJob {
  readonly customerId: string;
  readonly fuel: bigint;
  readonly units?: number;
  readonly state?: 'running' | 'done';
  readonly rateVersion?: number;
  /** What its file says about trust. */
  readonly trust?: WantedTrust;
  /** The most that it may cost: a million yen. */
  readonly maxPriceMilli?: bigint;
}

/** Writes a job in the state given; gives its id and number. */
export async function writeJob(
  sql: Sql,
  {
    customerId,
    fuel,
    units = 10,
    state = 'done',
    rateVersion = 1,
    trust = {},
    maxPriceMilli = 10n ** 9n,
  }: DoneJob,
): Promise<{ jobId: string; jobNumber: bigint }> {
  const jobId = newId();
  const sha256 = 'b'.repeat(64);
  await sql`
    insert into blob (sha256, bytes, stored_at)
    values (${sha256}, 1, now())
    on conflict do nothing
  `;
  const [customer] = await sql<{ number: bigint }[]>`select number from customer where id = ${customerId}`;
  assert.ok(customer, 'The customer of a job exists.');
  const [card] = await sql<
    { currency: string }[]
  >`select currency from rate_card where version = ${rateVersion}`;
  assert.ok(card, 'The rate card of a job exists.');
  const context = { clock: systemClock, contractor: card };
  return inTransaction(sql, async (tx) => {
    const ledgerHoldId = await holdForJob(tx, context, {
      jobId,
      customerNumber: customer.number,
      maxPriceMilli,
    });
    const [row] = await tx<{ number: bigint }[]>`
    insert into job (
      id, customer_number, name, spec, spec_sha256, state, reason_code, rate_version, artefact_kind, unit_count, fuel,
      units_done, max_price_milli, ledger_hold_id, hold_is_open, created_at, ended_at, result_sha256
    )
    select ${jobId}::uuid, ${customer.number}::bigint, 'weather', ${tx.json({ ...trust })}, ${sha256}, ${state}, 'computing', ${rateVersion}, 'fast', ${units},
           ${fuel}::numeric, ${units}, ${maxPriceMilli}, ${ledgerHoldId}, true, now(), case when ${state} = 'done' then now() end,
           case when ${state} = 'done' then ${sha256} end
    returning number
  `;
    assert.ok(row);
    return { jobId, jobNumber: row.number };
  });
}

/** What a terminal earned by a result. */
export interface Earned {
  readonly terminalId: string;
  readonly jobNumber: bigint;
  readonly fuel: bigint;
  readonly kind?: 'accepted' | 'committed' | 'finalized' | 'forfeited' | 'recalled';
  readonly units?: number;
  readonly at?: Date;
}

/** Writes an entry as the hot path does. */
export async function writeEntry(
  sql: Sql,
  { terminalId, jobNumber, fuel, kind = 'accepted', units = 1, at = new Date() }: Earned,
): Promise<void> {
  await sql`
    insert into points_entry (member_number, terminal_number, job_number, kind, fuel, units, at)
    select member_number, number, ${jobNumber}, ${kind}, ${fuel}, ${units}, ${at}
    from terminal
    where id = ${terminalId}
  `;
}

/** Invoices until every job that is done is invoiced; the server's own loop does so too, and may be at one just now. */
export async function invoiceAll(context: Parameters<typeof issueInvoiceStep>[0]): Promise<void> {
  const left = async () => {
    const [row] = await context.sql<{ jobs: bigint }[]>`
      select count(*) as jobs from job where state = 'done' and invoice_number is null and parent_number is null
    `;
    return row?.jobs ?? 0n;
  };
  while ((await issueInvoiceStep(context)) === 'again' || (await left()) > 0n) {
    await pause();
  }
}
