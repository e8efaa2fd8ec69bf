import type { SqlOrTransaction } from '@taika/database/connect';
import { limits } from '@taika/protocol/limits';
import type { AcceptedRunRow } from '../merging/queries.ts';
import type { FailedUnit } from '../results/queries.ts';

/** A job, and the row whose units are looked at: its own, or of a job with stages or rounds that of a phase. */
export interface InspectedJob {
  readonly number: bigint;
  readonly customerNumber: bigint;
  /** The phase under way, or the one that the job ended in. */
  readonly workNumber: bigint;
  /** The latest stage: what it printed becomes the result when the job is done. */
  readonly stageNumber: bigint;
  readonly hasPhases: boolean;
  readonly isDeleted: boolean;
}

/** A job to look into; undefined when there is none with this id. */
export async function findInspectedJob(
  sql: SqlOrTransaction,
  jobId: string,
): Promise<InspectedJob | undefined> {
  const [row] = await sql<InspectedJob[]>`
    select number, customer_number, coalesce(current_phase, number) as work_number,
           coalesce(
             (
               select max(phase.number)
               from job phase
               where phase.parent_number = job.number
                 and phase.phase_kind = 'stage'
             ),
             number
           ) as stage_number,
           current_phase is not null as has_phases,
           data_deleted_at is not null as is_deleted
    from job
    where id = ${jobId}
      and parent_number is null
  `;
  return row;
}

/** How many units of a job were delivered, from the first on. */
export async function readDelivered(sql: SqlOrTransaction, jobNumber: bigint): Promise<number> {
  const [row] = await sql<{ deliveredUnits: number }[]>`
    select delivered_units
    from job
    where number = ${jobNumber}
  `;
  return row?.deliveredUnits ?? 0;
}

/** Notes that more units are delivered; false when another stream was first, or the job ended meanwhile. */
export async function addDelivered(
  sql: SqlOrTransaction,
  {
    jobNumber,
    from,
    to,
    fuel,
  }: { readonly jobNumber: bigint; readonly from: number; readonly to: number; readonly fuel: bigint },
): Promise<boolean> {
  const rows = await sql`
    update job
    set delivered_units = ${to},
        delivered_fuel = delivered_fuel + ${fuel}
    where number = ${jobNumber}
      and delivered_units = ${from}
      and ended_at is null
    returning number
  `;
  return rows.length > 0;
}

/** Accepted runs from the one that covers `fromUnit` on, in order. There may be gaps: those units are still computed. */
export function listRunsFrom(
  sql: SqlOrTransaction,
  {
    jobNumber,
    fromUnit,
    limit,
  }: { readonly jobNumber: bigint; readonly fromUnit: number; readonly limit: number },
): Promise<AcceptedRunRow[]> {
  return sql<AcceptedRunRow[]>`
    with run as (
      select first_unit, units, assignment_id, result_first_unit
      from shown_run
      where job_number = ${jobNumber}
        and first_unit > ${fromUnit - limits.runUnitsMax}
        and first_unit + units > ${fromUnit}
      order by first_unit
      limit ${limit}
    )
    select run.first_unit, run.units, run.result_first_unit, result.units as result_units, result.outputs, result.blobs
    from run
    join result
      on result.job_number = ${jobNumber}
      and result.first_unit = run.result_first_unit
      and result.assignment_id = run.assignment_id
    order by run.first_unit
  `;
}

/** A result with failed units. */
export interface FailedResultRow {
  readonly firstUnit: number;
  readonly failures: readonly FailedUnit[];
  readonly at: Date;
}

/** Results with failed units, in order. */
export function listFailedResults(
  sql: SqlOrTransaction,
  { jobNumber, limit }: { readonly jobNumber: bigint; readonly limit: number },
): Promise<FailedResultRow[]> {
  return sql<FailedResultRow[]>`
    select first_unit, failures, at
    from result
    where job_number = ${jobNumber}
      and failures is not null
    order by first_unit, assignment_id
    limit ${limit}
  `;
}

/** Units that terminals gave back because of the unit itself, in order. */
export function listReturnedUnits(
  sql: SqlOrTransaction,
  { jobNumber, limit }: { readonly jobNumber: bigint; readonly limit: number },
): Promise<{ readonly unit: number; readonly cause: string; readonly at: Date }[]> {
  return sql<{ unit: number; cause: string; at: Date }[]>`
    select unit, cause, at
    from unit_return
    where job_number = ${jobNumber}
    order by unit, at
    limit ${limit}
  `;
}
