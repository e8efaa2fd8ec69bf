import type { SqlOrTransaction, Transaction } from '@taika/database/connect';

/** Asks for the deletion of a job's data; false when there is no such job of this customer that has ended. */
export async function requestDeletion(
  sql: SqlOrTransaction,
  wanted: { readonly jobId: string; readonly customerNumber: bigint; readonly now: Date },
): Promise<boolean> {
  const rows = await sql`
    update job
    set deletion_requested_at = coalesce(deletion_requested_at, ${wanted.now})
    where id = ${wanted.jobId}
      and customer_number = ${wanted.customerNumber}
      and parent_number is null
      and ended_at is not null
    returning number
  `;
  return rows.length > 0;
}

/**
 * The next job whose data is to be deleted: asked for, or ended before `endedBefore`. One that is done and not invoiced
 * yet waits for its invoice, and one whose results are still being checked, corrected or paid for waits for that.
 */
export async function findJobToDelete(
  sql: SqlOrTransaction,
  { endedBefore }: { readonly endedBefore: Date },
): Promise<bigint | undefined> {
  const [row] = await sql<{ number: bigint }[]>`
    select number
    from job
    where data_deleted_at is null
      and parent_number is null
      and ended_at is not null
      and (deletion_requested_at is not null or ended_at < ${endedBefore})
      and (state <> 'done' or invoice_number is not null)
      and not exists (
        select
        from job_cursor
        join job part on part.number = job_cursor.job_number
        where (part.number = job.number or part.parent_number = job.number)
          and (
            job_cursor.is_open
            or not job_cursor.is_swept
            or exists (
              select
              from trust_run
              where trust_run.job_number = part.number
                and (trust_run.state in ('committed', 'open') or trust_run.points = 'pending')
            )
            or exists (select from audit where audit.job_number = part.number and audit.state <> 'done')
            or exists (
              select
              from job_correction
              where job_correction.job_number = part.number
                and (merged_at is null or (credited_at is null and job.state = 'done'))
            )
          )
      )
    order by deletion_requested_at nulls last, ended_at
    limit 1
  `;
  return row?.number;
}

/** A job, or a phase of it, whose rows are to go. */
export interface DeletedPart {
  readonly jobNumber: bigint;
  readonly unitCount: number;
  /** Units before this one have no rows any more. */
  readonly deleted: number;
}

/** The job itself and its phases, each with how far its deletion is. */
export function listParts(sql: SqlOrTransaction, jobNumber: bigint): Promise<DeletedPart[]> {
  return sql<DeletedPart[]>`
    select number as job_number, coalesce(unit_count, 0) as unit_count, rows_deleted as deleted
    from job
    where number = ${jobNumber}
       or parent_number = ${jobNumber}
    order by number
  `;
}

/** Tables that hold a job's rows by the first of their units. */
const runTables = [
  'trust_run',
  'dropped_run',
  'result',
  'agreed_run',
  'copy_run',
  'reissue',
  'unit_holder',
] as const;

/**
 * Deletes the rows of the units from `deleted` to `deleted + units`, part of the caller's transaction; false when another
 * replica did so first (zero rows). Rows are found by their keys, so no batch passes over what was deleted before it. The
 * cursor goes first, its sums kept in the job: what counts rows against it does not look at a job without one.
 */
export async function deleteRowsOfUnits(
  tx: SqlOrTransaction,
  { jobNumber, deleted, units }: Pick<DeletedPart, 'jobNumber' | 'deleted'> & { readonly units: number },
): Promise<boolean> {
  const end = deleted + units;
  const moved = await tx`
    update job
    set rows_deleted = ${end},
        fuel = coalesce((select job_cursor.fuel from job_cursor where job_number = job.number), fuel),
        units_done = coalesce((select job_cursor.units_done from job_cursor where job_number = job.number), units_done)
    where number = ${jobNumber}
      and rows_deleted = ${deleted}
    returning number
  `;
  if (moved.length === 0) {
    return false;
  }
  await tx`delete from job_cursor where job_number = ${jobNumber}`;
  await tx`delete from job_share where job_number = ${jobNumber}`;
  await tx`delete from job_extreme where job_number = ${jobNumber}`;
  for (const table of runTables) {
    await tx`
      delete from ${tx(table)}
      where job_number = ${jobNumber}
        and first_unit >= ${deleted}
        and first_unit < ${end}
    `;
  }
  await tx`delete from unit where job_number = ${jobNumber} and index >= ${deleted} and index < ${end}`;
  await tx`delete from unit_return where job_number = ${jobNumber} and unit >= ${deleted} and unit < ${end}`;
  return true;
}

/** Ends a deletion: nothing is left of the job, its phases included, but what an invoice tells. */
export async function forgetJob(
  tx: Transaction,
  { jobNumber, now }: { readonly jobNumber: bigint; readonly now: Date },
): Promise<void> {
  await tx`
    with part as (
      update job
      set fuel = coalesce((select job_cursor.fuel from job_cursor where job_number = job.number), fuel),
          units_done = coalesce((select job_cursor.units_done from job_cursor where job_number = job.number), units_done),
          -- The level is what its invoice was worked out by.
          spec = jsonb_strip_nulls(
            jsonb_build_object('name', name, 'trust', spec -> 'trust', 'copies', spec -> 'copies')
          ),
          header = '',
          trailer = '',
          next_state = null,
          result_sha256 = null,
          failure = failure - 'stderr',
          reason_detail = null,
          data_deleted_at = ${now}
      where number = ${jobNumber}
         or parent_number = ${jobNumber}
      returning number
    ),
    correction as (
      delete from job_correction
      where job_number in (select number from part)
    ),
    flush as (
      delete from job_flush
      where job_number in (select number from part)
    )
    delete from job_cursor
    where job_number in (select number from part)
  `;
}
