import type { Sql, SqlOrTransaction, Transaction } from '@taika/database/connect';
import type { TrustRun } from './trust-run.ts';

/** A job ended without a result: what was handed in for it is checked as ever, because nothing is paid unchecked. */
export async function beginSettling(sql: SqlOrTransaction, jobNumber: bigint): Promise<void> {
  await sql`
    update job_cursor
    set is_settling = true
    where job_number = ${jobNumber}
      and trust is not null
      and exists (select from job where number = ${jobNumber} and state in ('failed', 'cancelled'))
  `;
}

/** Nothing of the job is open any more. */
export async function endSettling(tx: Transaction, jobNumber: bigint): Promise<void> {
  await tx`
    update job_cursor
    set is_settling = false
    where job_number = ${jobNumber}
  `;
}

/** Jobs without a result that wait for no copy, no judgement and no decision: what is open of them can be sampled. */
export async function listSettling(sql: Sql | Transaction): Promise<bigint[]> {
  const rows = await sql<{ jobNumber: bigint }[]>`
    select c.job_number
    from job_cursor c
    where c.is_settling
      and not exists (select from audit a where a.job_number = c.job_number and a.state <> 'done')
      and not exists (select from trust_run r where r.job_number = c.job_number and r.state = 'committed')
    order by c.job_number
    limit 100
  `;
  return rows.map(({ jobNumber }) => jobNumber);
}

/** Ends the comparisons that a job's dropped results wait for, and gives these: nobody computes its units again. */
export function endComparisons(tx: Transaction, jobNumber: bigint): Promise<TrustRun[]> {
  return tx<TrustRun[]>`
    update dropped_run d
    set compared_units = d.units
    from result
    where d.job_number = ${jobNumber}
      and d.compared_units < d.units
      and result.job_number = d.job_number
      and result.first_unit = d.first_unit
      and result.assignment_id = d.assignment_id
    returning d.job_number, d.first_unit, d.units, d.assignment_id, d.terminal_number, result.member_number, result.fuel,
      'open' as state, false as awaits, null::bigint as voucher, 'forfeited' as points,
      sha256(result.digests) as commit_hash, array[]::bigint[] as former_members
  `;
}
