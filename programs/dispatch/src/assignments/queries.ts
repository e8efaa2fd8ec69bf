import type { Sql, SqlOrTransaction } from '@taika/database/connect';
import type { JudgingFormText } from '@taika/protocol/dispatch/cycle';
import { pgArray } from '../pg-array.ts';

/** A run about to be handed to a terminal. */
export interface Claim {
  readonly assignmentId: bigint;
  readonly blockId: bigint;
  readonly jobNumber: bigint;
  readonly firstUnit: number;
  readonly units: number;
  readonly terminalNumber: bigint;
  readonly memberNumber: bigint;
  readonly cycleKey: bigint;
  readonly deadlineMs: number;
}

/**
 * Writes assignments, one statement for all terminals that wait. Gives the ids that were written: a window that was
 * recovered meanwhile gives nothing any more, which its locked row guards, and neither does a job that is over.
 */
export async function insertClaims(sql: Sql, claims: readonly Claim[]): Promise<Set<bigint>> {
  const rows = await sql<{ id: bigint }[]>`
    with block as materialized (
      select id
      from feeder_block
      where id = any(${pgArray(new Set(claims.map(({ blockId }) => blockId)))}::bigint[])
      order by id
      for key share
    )
    insert into assignment
      (id, job_number, first_unit, units, terminal_number, member_number, is_copy, cycle_key, issued_at, deadline)
    select claim.id, claim.job_number, claim.first_unit, claim.units, claim.terminal_number, claim.member_number, false,
           claim.cycle_key, now(), now() + claim.deadline_ms * interval '1 millisecond'
    from unnest(
      ${pgArray(claims.map(({ assignmentId }) => assignmentId))}::bigint[],
      ${pgArray(claims.map(({ blockId }) => blockId))}::bigint[],
      ${pgArray(claims.map(({ jobNumber }) => jobNumber))}::bigint[],
      ${pgArray(claims.map(({ firstUnit }) => firstUnit))}::int[],
      ${pgArray(claims.map(({ units }) => units))}::int[],
      ${pgArray(claims.map(({ terminalNumber }) => terminalNumber))}::bigint[],
      ${pgArray(claims.map(({ memberNumber }) => memberNumber))}::bigint[],
      ${pgArray(claims.map(({ cycleKey }) => cycleKey))}::bigint[],
      ${pgArray(claims.map(({ deadlineMs }) => deadlineMs))}::bigint[]
    ) as claim (id, block_id, job_number, first_unit, units, terminal_number, member_number, cycle_key, deadline_ms)
    join block on block.id = claim.block_id
    join job_cursor on job_cursor.job_number = claim.job_number and job_cursor.is_open
    returning id
  `;
  return new Set(rows.map(({ id }) => id));
}

/** Notes that these terminals compute for these jobs, for the customer's view. */
export async function insertJobTerminals(
  sql: Sql,
  pairs: readonly { readonly jobNumber: bigint; readonly terminalNumber: bigint }[],
): Promise<void> {
  await sql`
    insert into job_terminal (job_number, terminal_number)
    select job_number, terminal_number
    from unnest(
      ${pgArray(pairs.map(({ jobNumber }) => jobNumber))}::bigint[],
      ${pgArray(pairs.map(({ terminalNumber }) => terminalNumber))}::bigint[]
    ) as pair (job_number, terminal_number)
    order by 1, 2
    on conflict do nothing
  `;
}

/** An assignment that is out. */
export interface AssignmentRow {
  readonly id: bigint;
  readonly jobNumber: bigint;
  readonly firstUnit: number;
  readonly units: number;
  readonly artefact: JudgingFormText | null;
  readonly deadlineMs: number;
}

/** What one call of a terminal was answered with and is still out: the same answer for a repeated call. */
export function listCycleAssignments(
  sql: Sql,
  { terminalNumber, cycleKey }: { readonly terminalNumber: bigint; readonly cycleKey: bigint },
): Promise<AssignmentRow[]> {
  return sql<AssignmentRow[]>`
    select id, job_number, first_unit, units, artefact,
           greatest(0, extract(epoch from deadline - now()) * 1000)::int as deadline_ms
    from assignment
    where terminal_number = ${terminalNumber}
      and cycle_key = ${cycleKey}
    order by id
  `;
}

/** A job that has nothing left to hand out while terminals ask, and what a unit of it should take. */
export interface StarvingJob {
  readonly jobNumber: bigint;
  /** Milliseconds after which a run of one unit is overdue; twice as many for two. */
  readonly overdueMsPerUnit: number;
}

/**
 * Takes back runs past their deadline, and of starving jobs also what is overdue: their units go out again. The table is
 * small, so a scan is cheap and no index on the deadline is kept. Copies have a way of their own. A run whose report is being
 * counted is passed over: who deletes several and waits for none is in no circle of waiting.
 */
export async function expireAssignments(
  sql: Sql,
  {
    starving,
    overdueFloorMs,
  }: { readonly starving: readonly StarvingJob[]; readonly overdueFloorMs: number },
): Promise<number> {
  const rows = await sql`
    with due as materialized (
      select id
      from assignment
      where not is_copy
        and (
          deadline <= now()
          or exists (
            select
            from unnest(
              ${pgArray(starving.map(({ jobNumber }) => jobNumber))}::bigint[],
              ${pgArray(starving.map(({ overdueMsPerUnit }) => overdueMsPerUnit))}::float8[]
            ) as starving (job_number, overdue_ms_per_unit)
            where starving.job_number = assignment.job_number
              and now() - issued_at >
                greatest(${overdueFloorMs}, overdue_ms_per_unit * units) * interval '1 millisecond'
          )
        )
      for update skip locked
    ),
    expired as (
      delete from assignment
      where id in (select id from due)
      returning job_number, first_unit, units, terminal_number, member_number
    ),
    held as (
      insert into unit_holder (job_number, first_unit, units, member_number)
      select job_number, first_unit, units, member_number
      from expired
      join job_cursor using (job_number)
      where is_open
        and trust is not null
    )
    insert into reissue (job_number, first_unit, units, returned_by)
    select job_number, first_unit, units, terminal_number
    from expired
    join job_cursor using (job_number)
    where is_open
    returning first_unit
  `;
  return rows.length;
}

/**
 * Makes overdue whatever a terminal holds, but for what the call `exceptCycle` was given: the next step that expires
 * assignments gives it to others.
 */
export async function expireTerminalAssignments(
  sql: SqlOrTransaction,
  terminalNumber: bigint,
  { exceptCycle }: { readonly exceptCycle?: bigint } = {},
): Promise<void> {
  await sql`
    with held as materialized (
      select id
      from assignment
      where terminal_number = ${terminalNumber}
        and deadline > now()
        ${exceptCycle === undefined ? sql`` : sql`and cycle_key <> ${exceptCycle}`}
      order by id
      for update
    )
    update assignment
    set deadline = now()
    where id in (select id from held)
  `;
}

/** Deletes what is still out of an ended job, but for copies that are awaited: a recall asks for them after the end. */
export async function deleteJobAssignments(sql: SqlOrTransaction, jobNumber: bigint): Promise<void> {
  await sql`
    with held as materialized (
      select id
      from assignment
      where job_number = ${jobNumber}
      order by id
      for update
    )
    delete from assignment
    where id in (select id from held)
      and not exists (select from audit where audit.assignment_id = assignment.id and audit.state = 'out')
  `;
}

/** Takes the next block of a million assignment ids. */
export async function nextIdBlock(sql: Sql): Promise<bigint> {
  const [row] = await sql<{ block: bigint }[]>`select nextval('assignment_block') as block`;
  if (row === undefined) {
    throw new Error('The sequence of assignment ids gave nothing.');
  }
  return row.block;
}
