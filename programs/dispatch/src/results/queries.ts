import type { Sql, SqlOrTransaction } from '@taika/database/connect';
import type { JobFailure } from '../jobs/queries.ts';
import { pgArray, pgBytesArray, pgTextArray } from '../pg-array.ts';
import type { ReturnCause } from './return-cause.ts';

/** An output that was uploaded. `at` counts from the run's first unit. */
export interface OutputBlob {
  readonly at: number;
  readonly sha256: string;
  readonly bytes: number;
}

/** A unit that failed, with the end of its log as text. */
export interface FailedUnit {
  readonly at: number;
  readonly exitCode?: number;
  readonly trap?: string;
  readonly stderr?: string;
}

/** A report that was checked: the results of the first `units` units of a run. */
export interface CheckedReport {
  readonly assignmentId: bigint;
  readonly terminalNumber: bigint;
  /** 0: everything is returned. */
  readonly units: number;
  readonly fuel: bigint;
  readonly digests: Buffer;
  /** Made by `packRun`. */
  readonly outputs: Buffer;
  readonly blobs: readonly OutputBlob[];
  readonly failures: readonly FailedUnit[];
  /** Whether the first unit that is returned is at fault, and not the terminal's member. */
  readonly isUnitAtFault: boolean;
  /** Why not all of it was computed, where that is not the wish of who computes. */
  readonly returnCause?: ReturnCause;
}

/** A report, and what its terminal is for: a reference executor earns nothing, and what a decoy says is not shown. */
export interface EarningReport extends CheckedReport {
  readonly earns: boolean;
  readonly isDecoy: boolean;
}

/** What became of a report. */
export interface CountedReport {
  readonly assignmentId: bigint;
  readonly jobNumber: bigint;
  readonly firstUnit: number;
  /** False when the job is over: the run was dropped and nothing was counted. */
  readonly isCounted: boolean;
  /** True when the job's last result is in, or a unit of it failed. */
  readonly isSettled: boolean;
}

/**
 * Counts reports, one statement for all that wait. Deleting the assignment is the gate: whoever does it counts the
 * result, the points and the job's progress, and sends the units that were not computed out again, all or nothing and
 * exactly once. Reports whose assignment is not there (or is a copy, which has a way of its own) are not in the answer.
 * Assignments are locked before cursors, and cursors in order, so that replicas never wait for one another in a circle.
 */
export function countReports(sql: Sql, reports: readonly EarningReport[]): Promise<CountedReport[]> {
  return sql<CountedReport[]>`
    with report as (
      select *
      from unnest(
        ${pgArray(reports.map(({ assignmentId }) => assignmentId))}::bigint[],
        ${pgArray(reports.map(({ terminalNumber }) => terminalNumber))}::bigint[],
        ${pgArray(reports.map(({ units }) => units))}::int[],
        ${pgArray(reports.map(({ fuel }) => fuel))}::bigint[],
        ${pgBytesArray(reports.map(({ digests }) => digests))}::bytea[],
        ${pgBytesArray(reports.map(({ outputs }) => outputs))}::bytea[],
        ${pgTextArray(reports.map(({ blobs }) => jsonOrNone(blobs)))}::text[],
        ${pgTextArray(reports.map(({ failures }) => jsonOrNone(failures)))}::text[],
        ${`{${reports.map(({ isUnitAtFault }) => isUnitAtFault).join(',')}}`}::boolean[],
        ${`{${reports.map(({ earns }) => earns).join(',')}}`}::boolean[],
        ${`{${reports.map(({ isDecoy }) => isDecoy).join(',')}}`}::boolean[]
      ) as report (id, terminal_number, units, fuel, digests, outputs, blobs, failures, is_unit_at_fault, earns, is_decoy)
    ),
    gone as (
      delete from assignment
      using report
      where assignment.id = report.id
        and assignment.terminal_number = report.terminal_number
        and assignment.units >= report.units
        and not assignment.is_copy
      returning assignment.id, assignment.job_number, assignment.first_unit, assignment.units as issued_units,
        assignment.terminal_number, assignment.member_number, report.units, report.fuel, report.digests, report.outputs,
        report.blobs, report.failures, report.is_unit_at_fault, report.earns,
        report.is_decoy
    ),
    open_job as materialized (
      select job_number, copies, trust is not null as is_trusted
      from job_cursor
      where job_number in (select job_number from gone)
        and is_open
      order by job_number
      for no key update
    ),
    counted as (
      select gone.*, open_job.copies, open_job.is_trusted
      from gone
      join open_job using (job_number)
    ),
    stored as (
      insert into result
        (assignment_id, job_number, first_unit, units, terminal_number, member_number, is_copy, fuel, digests, outputs,
         blobs, failures, at)
      select id, job_number, first_unit, units, terminal_number, member_number, false, fuel, digests, outputs,
        blobs::jsonb, failures::jsonb, now()
      from counted
      where units > 0
    ),
    sent_out_again as (
      insert into reissue (job_number, first_unit, units, returned_by)
      select job_number, first_unit + units, issued_units - units, case when is_unit_at_fault then terminal_number end
      from counted
      where units < issued_units
    ),
    held as (
      insert into unit_holder (job_number, first_unit, units, member_number)
      select job_number, first_unit + units, issued_units - units, member_number
      from counted
      where is_trusted
        and units < issued_units
    ),
    earned as (
      insert into points_entry (member_number, terminal_number, job_number, kind, fuel, units, at)
      select member_number, terminal_number, job_number, 
        case when copies = 1 and not is_trusted then 'accepted' else 'committed' end,
        sum(fuel)::bigint, sum(units)::int, now()
      from counted
      where units > 0
        and earns
      group by member_number, terminal_number, job_number, copies, is_trusted
    ),
    to_be_copied as (
      insert into copy_run (job_number, first_unit, units, members, wanted, votes, issued, is_due)
      select job_number, first_unit, units, array[member_number], copies, 1, 0, false
      from counted
      where copies > 1
        and units > 0
    ),
    to_be_decided as (
      insert into trust_run
        (job_number, first_unit, units, assignment_id, terminal_number, member_number, fuel, points, is_decoy, committed_at)
      select job_number, first_unit, units, id, terminal_number, member_number, fuel,
        case when earns then 'pending' else 'forfeited' end, is_decoy, now()
      from counted
      where is_trusted
        and units > 0
    ),
    progress as (
      update job_cursor
      set units_done = job_cursor.units_done + sums.units,
          fuel = job_cursor.fuel + sums.fuel,
          failed_result = coalesce(job_cursor.failed_result, sums.failed_result)
      from (
        select job_number, sum(units)::int as units, sum(fuel) as fuel,
          min(id) filter (where failures is not null and not is_trusted) as failed_result
        from counted
        where copies = 1
        group by job_number
      ) sums
      where job_cursor.job_number = sums.job_number
      returning job_cursor.job_number,
        (job_cursor.units_done = job_cursor.unit_count or job_cursor.failed_result is not null) as is_settled
    )
    select gone.id as assignment_id, gone.job_number, gone.first_unit, open_job.job_number is not null as is_counted,
      coalesce(progress.is_settled, false) as is_settled
    from gone
    left join open_job using (job_number)
    left join progress using (job_number)
  `;
}

function jsonOrNone(list: readonly object[]): string | undefined {
  return list.length === 0 ? undefined : JSON.stringify(list);
}

/** Which of these assignments have a result of this terminal's already: their reports were counted before. */
export async function listCountedBefore(
  sql: Sql,
  assignmentIds: readonly bigint[],
): Promise<Map<bigint, bigint>> {
  const rows = await sql<{ assignmentId: bigint; terminalNumber: bigint }[]>`
    select assignment_id, terminal_number
    from result
    where assignment_id = any(${pgArray(assignmentIds)}::bigint[])
  `;
  return new Map(rows.map(({ assignmentId, terminalNumber }) => [assignmentId, terminalNumber]));
}

/** What a report is checked against: whose the assignments are, and of which jobs. */
export interface ReportedAssignment {
  readonly id: bigint;
  readonly jobNumber: bigint;
  readonly firstUnit: number;
  readonly units: number;
  readonly terminalNumber: bigint;
  readonly isCopy: boolean;
}

/** Assignments that are out, by id. */
export async function findAssignments(
  sql: Sql,
  assignmentIds: readonly bigint[],
): Promise<Map<bigint, ReportedAssignment>> {
  const rows = await sql<ReportedAssignment[]>`
    select id, job_number, first_unit, units, terminal_number, is_copy
    from assignment
    where id = any(${pgArray(assignmentIds)}::bigint[])
  `;
  return new Map(rows.map((row) => [row.id, row]));
}

/** The first failed unit of a result. */
export async function findFailure(
  sql: SqlOrTransaction,
  { jobNumber, assignmentId }: { readonly jobNumber: bigint; readonly assignmentId: bigint },
): Promise<JobFailure | undefined> {
  const [row] = await sql<{ firstUnit: number; failures: FailedUnit[] | null }[]>`
    select first_unit, failures
    from result
    where assignment_id = ${assignmentId}
      and job_number = ${jobNumber}
  `;
  const [first] = [...(row?.failures ?? [])].sort((left, right) => left.at - right.at);
  if (row === undefined || first === undefined) {
    return undefined;
  }
  const { at, ...failure } = first;
  return { unit: row.firstUnit + at, ...failure };
}

/** Notes that a terminal gave a unit back because of the unit, and gives how often and by how many that happened. */
export async function insertUnitReturn(
  sql: SqlOrTransaction,
  {
    jobNumber,
    unit,
    terminalNumber,
    cause,
    now,
  }: {
    readonly jobNumber: bigint;
    readonly unit: number;
    readonly terminalNumber: bigint;
    readonly cause: string;
    readonly now: Date;
  },
): Promise<{ readonly returns: number; readonly terminals: number; readonly causes: string[] }> {
  await sql`
    insert into unit_return (job_number, unit, terminal_number, cause, at)
    values (${jobNumber}, ${unit}, ${terminalNumber}, ${cause}, ${now})
  `;
  const [row] = await sql<{ returns: number; terminals: number; causes: string[] }[]>`
    select count(*)::int as returns, count(distinct terminal_number)::int as terminals, array_agg(distinct cause) as causes
    from unit_return
    where job_number = ${jobNumber}
      and unit = ${unit}
  `;
  return row ?? { returns: 0, terminals: 0, causes: [] };
}

/** Members' terminals that asked for work within the last minute. */
export async function countTerminalsAsking(sql: SqlOrTransaction): Promise<number> {
  const [row] = await sql<{ terminals: number }[]>`
    select count(*)::int as terminals
    from terminal_presence
    join terminal on terminal.number = terminal_presence.terminal_number
    where seen_at > now() - interval '1 minute'
      and terminal.role = 'member'
      and terminal_presence.state in ('computing', 'idle-no-work')
  `;
  return row?.terminals ?? 0;
}
