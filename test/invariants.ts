/** What must be true of every finished job, whatever happened meanwhile. */
import assert from 'node:assert/strict';
import type { JobHandle } from '@taika/client/sdk/job-handle';
import type { JobViewText } from '@taika/protocol/dispatch/jobs';
import { waitFor } from '@taika/testing/wait-for';
import { agentStatus, type Member } from 'taika/up/member';
import { assertNoDefects, type Economy } from './economy.ts';
import { collect } from './small-weather.ts';

const jobTimeoutMs = 500_000;

/**
 * Waits for the job's end and checks it: the bytes and the fuel of one machine, one invoice, work paid exactly once for
 * each copy, and no defect in either company's books.
 */
export async function assertSettled(
  economy: Economy,
  handle: JobHandle,
  local: { readonly result: Buffer; readonly fuel: bigint },
  { copies = 1 }: { readonly copies?: number } = {},
): Promise<JobViewText> {
  const view = await handle.finished(AbortSignal.timeout(jobTimeoutMs));
  assert.ok((await collect(handle.result())).equals(local.result), 'The grid gives other bytes.');
  assert.equal(BigInt(view.fuel), local.fuel);
  assert.deepEqual(view.units, { total: view.units.done, done: view.units.total, out: 0 });
  const invoiceId = await waitFor('the invoice', async () => (await handle.view()).invoiceId, {
    timeoutMs: 180_000,
  });
  const invoices = await Array.fromAsync(economy.grid.invoices());
  const ours = invoices.filter(({ lines }) => lines.some(({ jobId }) => jobId === handle.id));
  assert.deepEqual(
    ours.map((invoice) => [invoice.invoiceId, invoice.lines.map(({ fuel }) => BigInt(fuel))]),
    [[invoiceId, [local.fuel]]],
  );
  assert.deepEqual(await paidFor(economy, handle.id), {
    fuel: local.fuel * BigInt(copies),
    units: view.units.done * copies,
    forfeited: 0,
  });
  await assertNoDefects(economy);
  return view;
}

/** What members were paid for in a job, over all its stages and rounds. */
async function paidFor({ sql }: Economy, jobId: string) {
  const [row] = await sql<{ fuel: string; units: number; forfeited: number }[]>`
    select coalesce(sum(e.fuel) filter (where e.kind in ('accepted', 'finalized')), 0) as fuel,
           coalesce(sum(e.units) filter (where e.kind in ('accepted', 'finalized')), 0)::int as units,
           coalesce(sum(e.units) filter (where e.kind = 'forfeited'), 0)::int as forfeited
    from points_entry e
    join job j on j.number = e.job_number
    join job whole on whole.number = coalesce(j.parent_number, j.number)
    where whole.id = ${jobId}
  `;
  assert.ok(row);
  return { ...row, fuel: BigInt(row.fuel) };
}

/** Before any were spent: every member's agent knows exactly the points that the member's accepted fuel is worth. */
export async function assertPointsKnown(economy: Economy, members: readonly Member[]): Promise<void> {
  const rows = await economy.sql<{ milli: string }[]>`
    select sum(due.milli) as milli
    from (
      select e.member_number, div(sum(e.fuel) * r.points_milli, r.per_fuel) as milli
      from points_entry e
      join job j on j.number = e.job_number
      join rate_card r on r.version = j.rate_version
      where e.kind in ('accepted', 'finalized')
      group by e.member_number, e.kind, r.version, r.points_milli, r.per_fuel
    ) due
    group by due.member_number
    having sum(due.milli) > 0
  `;
  const due = rows.map(({ milli }) => BigInt(milli)).sort(byValue);
  await waitFor('every agent knows its points', async () => {
    const statuses = await Promise.all(members.map(agentStatus));
    const known = statuses.map(
      ({ points }) => BigInt(points?.availableMilli ?? -1n) + BigInt(points?.evidenceMilli ?? 0n),
    );
    assert.deepEqual(known.filter((milli) => milli !== 0n).sort(byValue), due);
    return true;
  });
}

function byValue(left: bigint, right: bigint): number {
  return Number(left - right);
}
