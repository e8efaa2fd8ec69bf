import type { Sql, Transaction } from '@taika/database/connect';
import { pgArray } from '../pg-array.ts';
import type { Seen } from './absence.ts';
import { isThere } from './terminal-queries.ts';

/** What a member has handed in of a job. */
export interface ShareChange {
  readonly jobNumber: bigint;
  readonly memberNumber: bigint;
  readonly units: number;
  readonly newcomerUnits: number;
}

/** Adds what was handed in, in the order of jobs and members. */
export async function addShares(tx: Transaction, changes: readonly ShareChange[]): Promise<void> {
  await tx`
    insert into job_share (job_number, member_number, units, newcomer_units)
    select *
    from unnest(
      ${pgArray(changes.map(({ jobNumber }) => jobNumber))}::text::bigint[],
      ${pgArray(changes.map(({ memberNumber }) => memberNumber))}::text::bigint[],
      ${pgArray(changes.map(({ units }) => units))}::text::bigint[],
      ${pgArray(changes.map(({ newcomerUnits }) => newcomerUnits))}::text::bigint[]
    ) as change (job_number, member_number, units, newcomer_units)
    order by 1, 2
    on conflict (job_number, member_number) do update
    set units = job_share.units + excluded.units,
        newcomer_units = job_share.newcomer_units + excluded.newcomer_units
  `;
}

/** Terminals that are trusted, and whether each is there to compute copies. */
export function listTrusted(
  sql: Sql,
): Promise<(Seen & { readonly terminalNumber: bigint; readonly isThere: boolean })[]> {
  return sql<(Seen & { terminalNumber: bigint; isThere: boolean })[]>`
    select t.terminal_number, t.active_at, t.agent_version, p.agent_version as seen_version,
           ${isThere(sql)} as is_there
    from terminal_trust t
    join terminal on terminal.number = t.terminal_number
    left join terminal_presence p on p.terminal_number = t.terminal_number
    where t.standing = 'trusted'
  `;
}

/** What members had of a job: handed in, and out now. */
export interface ShareRow {
  readonly jobNumber: bigint;
  readonly memberNumber: bigint;
  readonly units: number;
  readonly newcomerUnits: number;
}

/** The shares of open jobs with a trust level. */
export function listShares(sql: Sql): Promise<ShareRow[]> {
  return sql<ShareRow[]>`
    select job_number, member_number, sum(units)::int as units, sum(newcomer_units)::int as newcomer_units
    from (
      select s.job_number, s.member_number, s.units, s.newcomer_units
      from job_share s
      join job_cursor c on c.job_number = s.job_number and c.is_open
      union all
      -- What waits for the deciding loop: a moment's.
      select r.job_number, r.member_number, r.units, case when t.standing = 'trusted' then 0 else r.units end
      from trust_run r
      left join terminal_trust t on t.terminal_number = r.terminal_number
      where r.state = 'committed'
      union all
      select a.job_number, a.member_number, a.units, case when t.standing = 'trusted' then 0 else a.units end
      from assignment a
      join job_cursor c on c.job_number = a.job_number and c.trust is not null
      left join terminal_trust t on t.terminal_number = a.terminal_number
      where not a.is_copy
    ) parts
    group by job_number, member_number
  `;
}
