import type { Sql, SqlOrTransaction, Transaction } from '@taika/database/connect';
import { pgArray } from '../pg-array.ts';
import type { CheckedReport, ReportedAssignment } from './queries.ts';

/** A run on which members have not agreed yet. */
export interface CopyRunRow {
  readonly jobNumber: bigint;
  readonly firstUnit: number;
  readonly units: number;
  readonly members: readonly bigint[];
  readonly wanted: number;
  readonly votes: number;
  readonly issued: number;
  readonly isDue: boolean;
}

/** A second computation about to be handed out. */
export interface CopyClaim {
  readonly jobNumber: bigint;
  readonly terminalNumber: bigint;
  readonly memberNumber: bigint;
  readonly cycleKey: bigint;
  readonly unitsMax: number;
  /** A run's time is this for each of its units, and at least the floor. */
  readonly unitDeadlineMs: number;
  readonly deadlineFloorMs: number;
  /** One for each run that may be handed out. */
  readonly assignmentIds: readonly bigint[];
}

/** Hands runs that wait for copies to a member who has not computed them; at least one, if any, and about `unitsMax` units. */
export function claimCopies(
  sql: Sql,
  claim: CopyClaim,
): Promise<{ id: bigint; firstUnit: number; units: number }[]> {
  return sql<{ id: bigint; firstUnit: number; units: number }[]>`
    with locked as materialized (
      select first_unit, units
      from copy_run
      where job_number = ${claim.jobNumber}
        and votes + issued < wanted
        and not (${claim.memberNumber}::bigint = any(members))
      order by first_unit
      limit ${claim.assignmentIds.length}
      for update skip locked
    ),
    picked as (
      select *
      from (
        select first_unit, units, row_number() over place as nth, sum(units) over place - units as units_before
        from locked
        window place as (order by first_unit)
      ) ranked
      where units_before < ${claim.unitsMax}
    ),
    noted as (
      update copy_run
      set issued = copy_run.issued + 1,
          members = copy_run.members || ${claim.memberNumber}::bigint
      from picked
      where copy_run.job_number = ${claim.jobNumber}
        and copy_run.first_unit = picked.first_unit
      returning copy_run.first_unit, picked.units, picked.nth
    )
    insert into assignment
      (id, job_number, first_unit, units, terminal_number, member_number, is_copy, cycle_key, issued_at, deadline)
    select (${pgArray(claim.assignmentIds)}::bigint[])[nth::int], ${claim.jobNumber}, first_unit, units,
           ${claim.terminalNumber}, ${claim.memberNumber}, true, ${claim.cycleKey}, now(),
           now() + greatest(${claim.deadlineFloorMs}::float8, units * ${claim.unitDeadlineMs}::float8) * interval '1 millisecond'
    from noted
    returning id, first_unit, units
  `;
}

/** Deletes a copy's assignment; undefined (zero rows) when it is not this terminal's any more. */
export async function deleteCopyAssignment(
  tx: Transaction,
  { assignmentId, terminalNumber }: { readonly assignmentId: bigint; readonly terminalNumber: bigint },
): Promise<{ readonly memberNumber: bigint } | undefined> {
  const [row] = await tx<{ memberNumber: bigint }[]>`
    delete from assignment
    where id = ${assignmentId}
      and terminal_number = ${terminalNumber}
      and is_copy
    returning member_number
  `;
  return row;
}

/** Whether the job still counts anything. */
export async function isJobOpen(tx: SqlOrTransaction, jobNumber: bigint): Promise<boolean> {
  const [row] = await tx<{ isOpen: boolean }[]>`
    select is_open
    from job_cursor
    where job_number = ${jobNumber}
  `;
  return row?.isOpen === true;
}

/** Stores a copy's result and what it may earn. */
export async function insertCopyResult(
  tx: Transaction,
  report: CheckedReport,
  { jobNumber, firstUnit }: ReportedAssignment,
  memberNumber: bigint,
  { earns = true }: { readonly earns?: boolean } = {},
): Promise<void> {
  const { blobs, failures } = report;
  await tx`
    insert into result
      (assignment_id, job_number, first_unit, units, terminal_number, member_number, is_copy, fuel, digests, outputs,
       blobs, failures, at)
    values
      (${report.assignmentId}, ${jobNumber}, ${firstUnit}, ${report.units}, ${report.terminalNumber}, ${memberNumber},
       true, ${report.fuel}, ${report.digests}, ${report.outputs}, ${blobs.length === 0 ? null : tx.json(blobs as never)},
       ${failures.length === 0 ? null : tx.json(failures as never)}, now())
  `;
  if (!earns) {
    return;
  }
  await tx`
    insert into points_entry (member_number, terminal_number, job_number, kind, fuel, units, at)
    values (${memberNumber}, ${report.terminalNumber}, ${jobNumber}, 'committed', ${report.fuel}, ${report.units}, now())
  `;
}

/** Locks the runs within a range of units. */
export function lockCopyRuns(
  tx: Transaction,
  { jobNumber, firstUnit, units }: Pick<ReportedAssignment, 'jobNumber' | 'firstUnit' | 'units'>,
): Promise<CopyRunRow[]> {
  return tx<CopyRunRow[]>`
    select job_number, first_unit, units, members, wanted, votes, issued, is_due
    from copy_run
    where job_number = ${jobNumber}
      and first_unit >= ${firstUnit}
      and first_unit < ${firstUnit + units}
    order by first_unit
    for update
  `;
}

/** Replaces runs by others that cover the same units. */
export async function replaceCopyRuns(
  tx: Transaction,
  {
    jobNumber,
    before,
    after,
  }: {
    readonly jobNumber: bigint;
    readonly before: readonly CopyRunRow[];
    readonly after: readonly CopyRunRow[];
  },
): Promise<void> {
  await tx`
    delete from copy_run
    where job_number = ${jobNumber}
      and first_unit = any(${pgArray(before.map(({ firstUnit }) => firstUnit))}::int[])
  `;
  for (const run of after) {
    await tx`
      insert into copy_run (job_number, first_unit, units, members, wanted, votes, issued, is_due)
      values (${jobNumber}, ${run.firstUnit}, ${run.units}, ${pgArray(run.members)}::bigint[], ${run.wanted}, ${run.votes},
              ${run.issued}, ${run.isDue})
    `;
  }
}

/** Locks runs that a result came in for. */
export function lockDueRuns(
  tx: Transaction,
  limit: number,
): Promise<(CopyRunRow & { readonly copies: number })[]> {
  return tx<(CopyRunRow & { copies: number })[]>`
    select copy_run.job_number, copy_run.first_unit, copy_run.units, copy_run.members, copy_run.wanted, copy_run.votes,
           copy_run.issued, copy_run.is_due, job_cursor.copies
    from copy_run
    join job_cursor using (job_number)
    where copy_run.is_due
    order by copy_run.job_number, copy_run.first_unit
    limit ${limit}
    for update of copy_run skip locked
  `;
}

/** A result that covers a run. */
export interface VoteRow {
  readonly assignmentId: bigint;
  readonly firstUnit: number;
  readonly units: number;
  readonly memberNumber: bigint;
  readonly terminalNumber: bigint;
  /** Of the run's units only. */
  readonly digests: Buffer;
  readonly outputs: Buffer;
  readonly failures: readonly { readonly at: number }[] | null;
}

/** The results that cover a run, in the order of their assignments. */
export function listVotes(
  tx: Transaction,
  { jobNumber, firstUnit, units }: Pick<CopyRunRow, 'jobNumber' | 'firstUnit' | 'units'>,
  runUnitsMax: number,
): Promise<VoteRow[]> {
  return tx<VoteRow[]>`
    select assignment_id, first_unit, units, member_number, terminal_number, outputs, failures,
           substring(digests from (${firstUnit} - first_unit) * 32 + 1 for ${units * 32}) as digests
    from result
    where job_number = ${jobNumber}
      and first_unit > ${firstUnit - runUnitsMax}
      and first_unit <= ${firstUnit}
      and first_unit + units >= ${firstUnit + units}
    order by assignment_id
  `;
}

/** Asks for more results of a run. */
export async function updateWanted(tx: Transaction, run: CopyRunRow, wanted: number): Promise<void> {
  await tx`
    update copy_run
    set wanted = ${wanted},
        is_due = false
    where job_number = ${run.jobNumber}
      and first_unit = ${run.firstUnit}
  `;
}

/** Believes a result for a run: counts its units and fuel, once, because deleting the waiting run is the gate. */
export async function insertAgreedRun(
  tx: Transaction,
  run: CopyRunRow,
  {
    assignmentId,
    fuel,
    hasFailure,
  }: { readonly assignmentId: bigint; readonly fuel: bigint; readonly hasFailure: boolean },
): Promise<boolean> {
  const rows = await tx<{ isSettled: boolean }[]>`
    with gone as (
      delete from copy_run
      where job_number = ${run.jobNumber}
        and first_unit = ${run.firstUnit}
      returning job_number, first_unit, units
    ),
    agreed as (
      insert into agreed_run (job_number, first_unit, units, assignment_id, fuel)
      select job_number, first_unit, units, ${assignmentId}, ${fuel}
      from gone
      returning job_number, units
    )
    update job_cursor
    set units_done = units_done + agreed.units,
        fuel = job_cursor.fuel + ${fuel}::bigint,
        failed_result = coalesce(failed_result, ${hasFailure ? assignmentId : null}::bigint)
    from agreed
    where job_cursor.job_number = agreed.job_number
      and job_cursor.is_open
    returning units_done = unit_count or failed_result is not null as is_settled
  `;
  return rows[0]?.isSettled === true;
}

/** Notes how a vote ended for its member. */
export async function insertVerdictOnVote(
  tx: Transaction,
  { jobNumber, units }: Pick<CopyRunRow, 'jobNumber' | 'units'>,
  vote: Pick<VoteRow, 'memberNumber' | 'terminalNumber'>,
  { kind, fuel }: { readonly kind: 'finalized' | 'forfeited'; readonly fuel: bigint },
): Promise<void> {
  await tx`
    insert into points_entry (member_number, terminal_number, job_number, kind, fuel, units, at)
    values (${vote.memberNumber}, ${vote.terminalNumber}, ${jobNumber}, ${kind}, ${fuel}, ${units}, now())
  `;
}

/** Copies whose deadline has passed. */
export function listExpiredCopies(sql: Sql): Promise<ReportedAssignment[]> {
  return sql<ReportedAssignment[]>`
    select id, job_number, first_unit, units, terminal_number, is_copy
    from assignment
    where is_copy
      and deadline <= now()
    limit 100
  `;
}

/** Deletes an ended job's runs that wait for copies. */
export async function deleteJobCopyRuns(sql: SqlOrTransaction, jobNumber: bigint): Promise<void> {
  await sql`delete from copy_run where job_number = ${jobNumber}`;
}
