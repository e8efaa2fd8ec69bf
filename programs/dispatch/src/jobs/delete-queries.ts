import type { SqlOrTransaction } from '@taika/database/connect';

/** A job whose rows are to go. */
export interface UnwantedRows {
  readonly jobNumber: bigint;
  readonly unitCount: number;
  /** Units before this one have no rows any more. */
  readonly deleted: number;
}

/** Notes that an ended job's rows, and those of its phases, are wanted away; a job that has not ended is left alone. */
export async function markRowsUnwanted(sql: SqlOrTransaction, jobNumber: bigint, now: Date): Promise<void> {
  await sql`
    update job
    set rows_unwanted_at = ${now}
    where (number = ${jobNumber} or parent_number = ${jobNumber})
      and ended_at is not null
      and rows_unwanted_at is null
  `;
}

/**
 * Jobs whose rows can go now, oldest first: their hot rows were swept, and nobody will look at their results any more, to
 * judge them or to merge them anew.
 */
export function listUnwantedRows(sql: SqlOrTransaction): Promise<UnwantedRows[]> {
  return sql<UnwantedRows[]>`
    select job.number as job_number, coalesce(job.unit_count, 0) as unit_count, job.rows_deleted as deleted
    from job
    left join job_cursor on job_cursor.job_number = job.number
    where job.rows_unwanted_at is not null
      and job.rows_deleted_at is null
      and coalesce(job_cursor.is_swept, true)
      and not exists (
        select from trust_run
        where trust_run.job_number = job.number and trust_run.state in ('committed', 'open')
      )
      and not exists (select from audit where audit.job_number = job.number and audit.state <> 'done')
      and not exists (
        select from job_correction
        where job_correction.job_number = job.number and job_correction.merged_at is null
      )
    order by job.number
    limit 20
  `;
}

/**
 * Deletes the rows of the units from `deleted` to `deleted + units`, part of the caller's transaction; false when another
 * replica did so first (zero rows). Points that are not paid yet keep their row. The cursor goes first: what counts
 * rows against it does not look at a job without one.
 */
export async function deleteRowsOfUnits(
  tx: SqlOrTransaction,
  { jobNumber, deleted, units }: Pick<UnwantedRows, 'jobNumber' | 'deleted'> & { readonly units: number },
): Promise<boolean> {
  const end = deleted + units;
  const moved = await tx`
    update job
    set rows_deleted = ${end}
    where number = ${jobNumber}
      and rows_deleted = ${deleted}
    returning number
  `;
  if (moved.length === 0) {
    return false;
  }
  await tx`delete from job_cursor where job_number = ${jobNumber}`;
  await tx`delete from unit where job_number = ${jobNumber} and index >= ${deleted} and index < ${end}`;
  await tx`delete from result where job_number = ${jobNumber} and first_unit >= ${deleted} and first_unit < ${end}`;
  await tx`delete from agreed_run where job_number = ${jobNumber} and first_unit >= ${deleted} and first_unit < ${end}`;
  await tx`delete from dropped_run where job_number = ${jobNumber} and first_unit >= ${deleted} and first_unit < ${end}`;
  await tx`
    delete from trust_run
    where job_number = ${jobNumber}
      and first_unit >= ${deleted}
      and first_unit < ${end}
      and points <> 'pending'
  `;
  return true;
}

/** Notes that a job has no rows any more. */
export async function markRowsDeleted(sql: SqlOrTransaction, jobNumber: bigint, now: Date): Promise<void> {
  await sql`
    update job
    set rows_deleted_at = ${now},
        header = '',
        trailer = ''
    where number = ${jobNumber}
  `;
}
