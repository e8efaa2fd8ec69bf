import type { Sql, SqlOrTransaction, Transaction } from '@taika/database/connect';
import type { JudgingFormText } from '@taika/protocol/dispatch/cycle';
import type { TrustLevelName } from '@taika/trust/trust-level';
import { pgArray } from '../pg-array.ts';
import type { Critical } from './critical.ts';
import { listSettling } from './settling-queries.ts';

/** What decisions look at of a job. */
export interface TrustJobRow {
  readonly number: bigint;
  readonly trust: TrustLevelName;
  readonly artefactKind: 'fast' | 'strict';
  /** Forms that tell a lie from a NaN's bits; none where the job's own is as strict as can be. */
  readonly judgingForms: readonly JudgingFormText[];
  readonly unitCount: number;
  readonly isOpen: boolean;
  /** It failed or was cancelled: nothing of it is computed again, and what was handed in is checked as ever. */
  readonly isLost: boolean;
  /** The median fuel of a unit over the latest results; null while there are few. */
  readonly typicalFuel: number | null;
  readonly referenceFuelPerSecond: bigint;
  /** Which results must be certain, and the extreme of those that are. */
  readonly critical: Critical | null;
  readonly extreme: number | null;
}

/** Jobs with a trust level. The median is over the job's latest results, because programs are compared with themselves. */
export function readTrustJobs(tx: Transaction, jobNumbers: readonly bigint[]): Promise<TrustJobRow[]> {
  return tx<TrustJobRow[]>`
    select job.number, c.trust, job.artefact_kind, c.unit_count, c.is_open,
           job.state in ('failed', 'cancelled') as is_lost,
           array(
             select a.kind
             from program_artefact a
             where a.program_sha256 = job.spec ->> 'program'
               and a.memory_pages = job.memory_pages
               and a.kind <> 'fast'
               and job.artefact_kind = 'fast'
             order by a.kind
           ) as judging_forms,
           typical.fuel as typical_fuel, rate_card.reference_fuel_per_second, job.spec -> 'critical' as critical,
           (select value from job_extreme where job_extreme.job_number = job.number) as extreme
    from job
    join job_cursor c on c.job_number = job.number
    join rate_card on rate_card.version = job.rate_version
    cross join lateral (
      select case when count(*) >= ${knownAfter}
               then percentile_cont(0.5) within group (order by recent.fuel::float8 / recent.units)
             end as fuel
      from (
        select fuel, units
        from trust_run
        where trust_run.job_number = job.number
          and trust_run.state <> 'committed'
        order by first_unit desc
        limit ${sampleMax}
      ) recent
    ) typical
    where job.number = any(${pgArray(jobNumbers)}::text::bigint[])
      and c.trust is not null
  `;
}

/** Fewer results say nothing of what is usual. */
const knownAfter = 10;
const sampleMax = 200;

/** Keeps the extreme of a job's results that are certain. */
export async function writeExtreme(tx: Transaction, jobNumber: bigint, value: number): Promise<void> {
  await tx`
    insert into job_extreme (job_number, value)
    values (${jobNumber}, ${value})
    on conflict (job_number) do update
    set value = excluded.value
  `;
}

/** What a step changes in a job's counts. */
export interface CursorChange {
  readonly jobNumber: bigint;
  readonly unitsDone: number;
  readonly unitsFinal: number;
  readonly fuel: bigint;
  readonly unitsChecked: number;
  readonly unitsByReference: number;
  readonly unitsDropped: number;
  readonly checksDrawn: number;
  readonly checksFailed: number;
  /** A result that is certain and has a failed unit. */
  readonly failedResult: bigint | undefined;
}

/**
 * Applies a step's changes, last in its transaction and in the order of jobs: reports wait for these rows, so they are
 * locked for as short as can be.
 */
export async function updateCursors(tx: Transaction, changes: readonly CursorChange[]): Promise<void> {
  await tx`
    with change as (
      select *
      from unnest(
        ${pgArray(changes.map(({ jobNumber }) => jobNumber))}::text::bigint[],
        ${pgArray(changes.map(({ unitsDone }) => unitsDone))}::text::int[],
        ${pgArray(changes.map(({ unitsFinal }) => unitsFinal))}::text::int[],
        ${pgArray(changes.map(({ fuel }) => fuel))}::text::numeric[],
        ${pgArray(changes.map(({ unitsChecked }) => unitsChecked))}::text::bigint[],
        ${pgArray(changes.map(({ unitsByReference }) => unitsByReference))}::text::bigint[],
        ${pgArray(changes.map(({ unitsDropped }) => unitsDropped))}::text::bigint[],
        ${pgArray(changes.map(({ checksDrawn }) => checksDrawn))}::text::bigint[],
        ${pgArray(changes.map(({ checksFailed }) => checksFailed))}::text::bigint[],
        ${`{${changes.map(({ failedResult }) => failedResult ?? 'null').join(',')}}`}::text::bigint[]
      ) as change (job_number, units_done, units_final, fuel, units_checked, units_by_reference, units_dropped,
        checks_drawn, checks_failed, failed_result)
    ),
    locked as materialized (
      select job_number
      from job_cursor
      where job_number in (select job_number from change)
      order by job_number
      for no key update
    )
    update job_cursor c
    set units_done = c.units_done + change.units_done,
        units_final = c.units_final + change.units_final,
        fuel = c.fuel + change.fuel,
        units_checked = c.units_checked + change.units_checked,
        units_by_reference = c.units_by_reference + change.units_by_reference,
        units_dropped = c.units_dropped + change.units_dropped,
        checks_drawn = c.checks_drawn + change.checks_drawn,
        checks_failed = c.checks_failed + change.checks_failed,
        failed_result = coalesce(c.failed_result, change.failed_result)
    from change
    join locked using (job_number)
    where c.job_number = change.job_number
  `;
}

/** A job of which all results are in. */
export interface FullJobRow {
  readonly jobNumber: bigint;
  readonly state: 'running' | 'provisional';
  readonly unitsFinal: number;
  readonly unitCount: number;
  /** Whether results wait for a decision, copies are on their way, or judgements are. */
  readonly isBusy: boolean;
}

/** Open jobs with a trust level of which every unit has a result. */
export function listFullJobs(tx: SqlOrTransaction): Promise<FullJobRow[]> {
  return tx<FullJobRow[]>`
    select c.job_number, job.state, c.units_final, c.unit_count,
           exists (select from audit a where a.job_number = c.job_number and a.state <> 'done')
           or exists (select from trust_run r where r.job_number = c.job_number and r.state = 'committed') as is_busy
    from job_cursor c
    join job on job.number = c.job_number
    where c.is_open
      and c.units_done = c.unit_count
      and c.trust is not null
      and job.state in ('running', 'provisional')
    order by c.job_number
    limit 100
  `;
}

/** Makes this transaction the only one that decides; false when another replica is at it. */
export async function lockDeciding(tx: Transaction): Promise<boolean> {
  const [row] = await tx<{ isLocked: boolean }[]>`
    select pg_try_advisory_xact_lock(${lockKey}) as is_locked
  `;
  return row?.isLocked === true;
}

/** Any number that no other advisory lock of ours uses. */
const lockKey = 741_303;

/** Whether anything waits for the deciding loop: asked outside a transaction, so that an idle loop costs one read. */
export async function hasTrustWork(sql: Sql): Promise<boolean> {
  const [row] = await sql<{ hasWork: boolean }[]>`
    select exists (select from trust_run where state = 'committed')
      or exists (select from audit where state in ('in', 'lapsed'))
      or exists (select from audit where state in ('wanted', 'out') and lapses_at < now())
      or exists (
        select from job_cursor
        where is_open and (units_done = unit_count or failed_result is not null) and trust is not null
      ) as has_work
  `;
  return row?.hasWork === true || (await listSettling(sql)).length > 0;
}

/** Open jobs of which every unit is final, and no result is being computed again. */
export async function listFinalJobs(sql: Sql): Promise<bigint[]> {
  const rows = await sql<{ jobNumber: bigint }[]>`
    select c.job_number
    from job_cursor c
    where c.is_open
      and c.trust is not null
      and c.units_done = c.unit_count
      and c.units_final = c.unit_count
      and c.failed_result is null
      and not exists (select from audit a where a.job_number = c.job_number and a.state <> 'done')
    order by c.job_number
    limit 100
  `;
  return rows.map(({ jobNumber }) => jobNumber);
}
