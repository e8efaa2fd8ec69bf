import { numericToBigint, type SqlOrTransaction } from '@taika/database/connect';

/** Terminals that take work now, and the cores that they may use. Those of the contractor itself do not count. */
export async function countCapacity(
  sql: SqlOrTransaction,
): Promise<{ readonly terminals: number; readonly cores: number }> {
  const [row] = await sql<{ terminals: number; cores: number }[]>`
    select count(*)::int as terminals, coalesce(sum(lent.cores), 0)::int as cores
    from terminal_presence
    join lateral (
      select min(cores) as cores
      from consent
      where consent.terminal_number = terminal_presence.terminal_number
        and withdrawn_at is null
    ) lent on lent.cores is not null
    where terminal_presence.state in ('computing', 'idle-no-work')
      and (seen_at > now() - interval '1 minute' or busy_until > now())
  `;
  return row ?? { terminals: 0, cores: 0 };
}

/** Fuel that running jobs still need: their units left at the mean of those done. */
export async function sumFuelWaiting(sql: SqlOrTransaction): Promise<bigint> {
  const [row] = await sql<{ fuel: string }[]>`
    select coalesce(sum(trunc(job_cursor.fuel / job_cursor.units_done) * (job_cursor.unit_count - job_cursor.units_done)), 0)
      as fuel
    from job
    join job_cursor on job_cursor.job_number = job.number
    where job.state = 'running'
      and job_cursor.is_open
      and job_cursor.units_done > 0
  `;
  return numericToBigint(row?.fuel ?? '0');
}
