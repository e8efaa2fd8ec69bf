import type { Sql, SqlOrTransaction } from '@taika/database/connect';
import { pgArray } from '../pg-array.ts';
import type { JobDemand } from './claim-queries.ts';
import { type ReferenceLimit, retrySeconds, retrySecondsMax, toldFrom } from './reference-limit.ts';

/** A copy that a reference executor could not compute. */
export interface ReturnedCopy {
  readonly jobId: string;
  readonly firstUnit: number;
  readonly units: number;
  readonly returns: number;
  readonly cause: ReferenceLimit;
}

/** What is set in an audit's row when this reference executor could not compute it: it is tried again later, by another at once. */
export function setReturned(
  sql: SqlOrTransaction,
  { terminalNumber, returnCause }: { readonly terminalNumber: bigint; readonly returnCause: ReferenceLimit },
) {
  return sql`
    returns = audit.returns + 1,
    return_cause = ${returnCause},
    returned_by = array_append(array_remove(audit.returned_by, ${terminalNumber}::bigint), ${terminalNumber}::bigint),
    retry_at = now() + make_interval(secs => least(${retrySecondsMax}, ${retrySeconds} * 2 ^ least(audit.returns, 20)))`;
}

/** Whether this reference executor is asked for a copy now: one that could not compute it waits. */
export function isToBeTried(sql: SqlOrTransaction, terminalNumber: bigint) {
  return sql`(retry_at is null or retry_at <= now() or not (${terminalNumber}::bigint = any(returned_by)))`;
}

/** A reference executor asked, and lends too little memory for copies that wait for one: told like a return, as often as one is tried. */
export function noteTooLarge(
  sql: Sql,
  {
    terminalNumber,
    demands,
  }: { readonly terminalNumber: bigint; readonly demands: readonly Pick<JobDemand, 'jobNumber'>[] },
): Promise<ReturnedCopy[]> {
  const jobs = pgArray(demands.map(({ jobNumber }) => jobNumber));
  return sql<ReturnedCopy[]>`
    update audit
    set ${setReturned(sql, { terminalNumber, returnCause: 'too-large' })}
    from job
    where job.number = audit.job_number
      and audit.job_number = any(${jobs}::text::bigint[])
      and audit.state = 'wanted'
      and audit.by_terminal is null
      and (audit.retry_at is null or audit.retry_at <= now())
      -- What another one could not compute waits for that one's own time.
      and audit.returned_by <@ array[${terminalNumber}::bigint]
    returning coalesce((select whole.id from job whole where whole.number = job.parent_number), job.id) as job_id, audit.first_unit, audit.units, audit.returns, audit.return_cause as cause
  `;
}

/** A reference executor was started anew, perhaps with more memory: what it could not compute before is tried at once. */
export async function retryAtOnce(sql: Sql, terminalNumber: bigint): Promise<void> {
  await sql`
    update audit
    set retry_at = null
    where state = 'wanted'
      and by_terminal is null
      and ${terminalNumber} = any(returned_by)
  `;
}

/** Copies that reference executors could not compute again and again, those that wait longest first. */
export function listReturned(sql: Sql, limit: number): Promise<ReturnedCopy[]> {
  return sql<ReturnedCopy[]>`
    select coalesce(whole.id, job.id) as job_id, audit.first_unit, audit.units, audit.returns,
           audit.return_cause as cause
    from audit
    join job on job.number = audit.job_number
    left join job whole on whole.number = job.parent_number
    where audit.state in ('wanted', 'out')
      and audit.by_terminal is null
      and audit.returns >= ${toldFrom}
    order by audit.id
    limit ${limit}
  `;
}
