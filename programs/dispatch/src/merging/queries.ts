import type { SqlOrTransaction } from '@taika/database/connect';
import type { OutputBlob } from '../results/queries.ts';

/** A run of accepted units, with the result that covers it. */
export interface AcceptedRunRow {
  readonly firstUnit: number;
  readonly units: number;
  /** Where the result begins: a run may be a part of it. */
  readonly resultFirstUnit: number;
  readonly resultUnits: number;
  readonly outputs: Buffer;
  readonly blobs: readonly OutputBlob[] | null;
}

/** Accepted runs of a job from `fromUnit` on, in the order of the input. */
export function listAcceptedRuns(
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
      from accepted_run
      where job_number = ${jobNumber}
        and first_unit >= ${fromUnit}
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

/** Names of a job's units from `fromUnit` on, in order. */
export async function listUnitNames(
  sql: SqlOrTransaction,
  {
    jobNumber,
    fromUnit,
    limit,
  }: { readonly jobNumber: bigint; readonly fromUnit: number; readonly limit: number },
): Promise<string[]> {
  const rows = await sql<{ name: string | null }[]>`
    select name
    from unit
    where job_number = ${jobNumber}
      and index >= ${fromUnit}
      and index < ${fromUnit + limit}
    order by index
  `;
  return rows.map(({ name }, at) => name ?? `unit-${fromUnit + at}`);
}
