import type { Sql, Transaction } from '@taika/database/connect';
import type { TrustRun } from './trust-run.ts';

/** Notes that so many units of a final result of a job that is over were wrong: the merge is to be published again. */
export async function insertCorrection(
  tx: Transaction,
  {
    run,
    units,
    fuelAfter,
    now,
  }: { readonly run: TrustRun; readonly units: number; readonly fuelAfter: bigint; readonly now: Date },
): Promise<void> {
  const joined = await tx`
    update job_correction
    set units = units + ${units},
        fuel_after = fuel_after + ${fuelAfter}::bigint - ${run.fuel}::bigint
    where job_number = ${run.jobNumber}
      and merged_at is null
    returning revision
  `;
  if (joined.length > 0) {
    return;
  }
  await tx`
    insert into job_correction (job_number, revision, units, fuel_before, fuel_after, found_at)
    select job.number,
           1 + (select count(*) from job_correction c where c.job_number = job.number),
           ${units},
           coalesce((
             select c.fuel_after from job_correction c where c.job_number = job.number order by c.revision desc limit 1
           ), job.fuel),
           coalesce((
             select c.fuel_after from job_correction c where c.job_number = job.number order by c.revision desc limit 1
           ), job.fuel) + ${fuelAfter}::bigint - ${run.fuel}::bigint,
           ${now}
    from job
    where job.number = ${run.jobNumber}
      and job.state in ('merging', 'done')
  `;
}

/** Jobs that are done and whose merge is to be corrected. Results that are still being computed again come first. None of `except`. */
export function listWaitingCorrections(
  sql: Sql,
  except: readonly bigint[],
): Promise<{ readonly jobNumber: bigint; readonly revision: number }[]> {
  return sql<{ jobNumber: bigint; revision: number }[]>`
    select c.job_number, c.revision
    from job_correction c
    join job on job.number = c.job_number and job.state = 'done'
    where c.merged_at is null
      and not exists (select from audit a where a.job_number = c.job_number and a.state <> 'done')
      and c.job_number <> all(${except.map(String)}::bigint[])
    order by c.job_number
    limit 20
  `;
}

/**
 * Publishes a corrected merge; false (zero rows) when that was done before. Of a phase that gave its job's result it is the
 * job's result too. The caller has locked that job (`lockCorrection`).
 */
export async function updateCorrected(
  tx: Transaction,
  correction: {
    readonly jobNumber: bigint;
    readonly revision: number;
    readonly resultSha256: string;
    readonly now: Date;
  },
): Promise<boolean> {
  const rows = await tx`
    update job_correction
    set result_sha256 = ${correction.resultSha256},
        merged_at = ${correction.now}
    where job_number = ${correction.jobNumber}
      and revision = ${correction.revision}
      and merged_at is null
    returning revision
  `;
  if (rows.length === 0) {
    return false;
  }
  await tx`
    update job
    set result_sha256 = ${correction.resultSha256}
    where state = 'done'
      and (
        number = ${correction.jobNumber}
        or number = (
          select phase.parent_number
          from job phase
          where phase.number = ${correction.jobNumber}
            and phase.phase_kind <> 'next'
            and job.current_phase = phase.number
        )
      )
  `;
  return true;
}

/**
 * Locks a correction that waits; false when it was published meanwhile. The job of a phase is locked before it, so that the
 * job goes on from the phase either before or after its result is another.
 */
export async function lockCorrection(
  tx: Transaction,
  { jobNumber, revision }: { readonly jobNumber: bigint; readonly revision: number },
): Promise<boolean> {
  await tx`
    select
    from job
    where number = (select parent_number from job phase where phase.number = ${jobNumber})
    for no key update
  `;
  const rows = await tx`
    select revision
    from job_correction
    where job_number = ${jobNumber}
      and revision = ${revision}
      and merged_at is null
    for update
  `;
  return rows.length > 0;
}
