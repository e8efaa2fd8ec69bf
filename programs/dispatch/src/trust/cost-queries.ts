import type { Sql } from '@taika/database/connect';

/** Sums over the jobs with a trust level of the last 30 days. */
export interface CostRow {
  readonly jobs: number;
  readonly unitsDone: bigint;
  readonly unitsFinal: bigint;
  readonly unitsChecked: bigint;
  readonly unitsByReference: bigint;
  readonly unitsDropped: bigint;
  readonly checksDrawn: bigint;
  readonly checksFailed: bigint;
}

/** What trust cost. */
export async function readCosts(sql: Sql): Promise<CostRow | undefined> {
  const [row] = await sql<CostRow[]>`
    select count(*)::int as jobs,
           coalesce(sum(c.units_done), 0)::bigint as units_done,
           coalesce(sum(c.units_final), 0)::bigint as units_final,
           coalesce(sum(c.units_checked), 0)::bigint as units_checked,
           coalesce(sum(c.units_by_reference), 0)::bigint as units_by_reference,
           coalesce(sum(c.units_dropped), 0)::bigint as units_dropped,
           coalesce(sum(c.checks_drawn), 0)::bigint as checks_drawn,
           coalesce(sum(c.checks_failed), 0)::bigint as checks_failed
    from job_cursor c
    join job on job.number = c.job_number
    where c.trust is not null
      and job.created_at > now() - interval '30 days'
  `;
  return row;
}

/** How long the latest results took from their commit until they were final, in seconds, and which share of them nobody computed again. */
export async function readFinality(
  sql: Sql,
): Promise<
  | { readonly median: number | null; readonly p99: number | null; readonly uncheckedShare: number | null }
  | undefined
> {
  const [row] = await sql<{ median: number | null; p99: number | null; uncheckedShare: number | null }[]>`
    select percentile_cont(0.5) within group (order by seconds) as median,
           percentile_cont(0.99) within group (order by seconds) as p99,
           coalesce(sum(units) filter (where voucher is null), 0)::float8 / sum(units) as unchecked_share
    from (
      select extract(epoch from run.final_at - run.committed_at)::float8 as seconds, run.units, run.voucher
      from (
        select job_number
        from job_cursor
        where trust is not null
        order by job_number desc
        limit 10
      ) latest
      join trust_run run using (job_number)
      where run.state = 'final'
      limit 10000
    ) taken
  `;
  return row;
}

/** How many member's terminals stand where. */
export async function countStandings(
  sql: Sql,
): Promise<{ readonly probation: number; readonly trusted: number; readonly revoked: number }> {
  const [row] = await sql<{ probation: number; trusted: number; revoked: number }[]>`
    select count(*) filter (where standing = 'probation')::int as probation,
           count(*) filter (where standing = 'trusted')::int as trusted,
           count(*) filter (where standing = 'revoked')::int as revoked
    from terminal_trust t
    join terminal on terminal.number = t.terminal_number and terminal.role = 'member'
  `;
  return row ?? { probation: 0, trusted: 0, revoked: 0 };
}

/** A job's number by its id, with whether it has a trust level, and whether it ended without a result. */
export async function findTrustJob(
  sql: Sql,
  jobId: string,
): Promise<{ readonly number: bigint; readonly isTrusted: boolean; readonly isLost: boolean } | undefined> {
  const [row] = await sql<{ number: bigint; isTrusted: boolean; isLost: boolean }[]>`
    select job.number, c.trust is not null as is_trusted, job.state in ('failed', 'cancelled') as is_lost
    from job
    left join job_cursor c on c.job_number = job.number
    where job.id = ${jobId}
  `;
  return row;
}

/** A terminal's standing by its id. */
export async function findTerminalStanding(
  sql: Sql,
  terminalId: string,
): Promise<
  | {
      readonly number: bigint;
      readonly standing: 'probation' | 'trusted' | 'revoked' | null;
      readonly probationPassed: number | null;
      readonly passed: number | null;
      readonly drawn: number | null;
      readonly revokeReason: string | null;
    }
  | undefined
> {
  const [row] = await sql<
    {
      number: bigint;
      standing: 'probation' | 'trusted' | 'revoked' | null;
      probationPassed: number | null;
      passed: number | null;
      drawn: number | null;
      revokeReason: string | null;
    }[]
  >`
    select terminal.number, t.standing, t.probation_passed, t.passed, t.drawn, terminal.revoke_reason
    from terminal
    left join terminal_trust t on t.terminal_number = terminal.number
    where terminal.id = ${terminalId}
  `;
  return row;
}
