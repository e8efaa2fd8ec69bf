import type { Sql, SqlOrTransaction } from '@taika/database/connect';
import { limits } from '@taika/protocol/limits';
import type { TrustLevelName } from '@taika/trust/trust-level';
import { pgArray } from '../pg-array.ts';

/** A window as it was taken. */
export interface WindowRow {
  readonly blockId: bigint;
  readonly firstUnit: number;
  readonly returnedBy: bigint | null;
  /** Members who had units of it before, of a job with a trust level. */
  readonly formerMembers: readonly bigint[];
  /** `offset:length` of each unit, joined by commas: parsing thousands of rows would stop the event loop for longer. */
  readonly places: string;
}

/** How long a window lives without a heartbeat. */
const blockSeconds = 30;

/** Takes the next `units` units that nobody had yet: moves the job's cursor and notes the window, at once. */
export function takeFreshWindow(
  sql: Sql,
  {
    jobNumber,
    units,
    replica,
  }: { readonly jobNumber: bigint; readonly units: number; readonly replica: number },
): Promise<WindowRow[]> {
  return sql<WindowRow[]>`
    with taken as (
      update job_cursor
      set next_unit = least(next_unit + ${units}, unit_count)
      where job_number = ${jobNumber}
        and is_open
        and not is_paused
        and next_unit < unit_count
      returning old.next_unit as first_unit, new.next_unit - old.next_unit as units
    ),
    block as (
      insert into feeder_block (replica, job_number, first_unit, units, expires_at)
      select ${replica}, ${jobNumber}, first_unit, units, now() + make_interval(secs => ${blockSeconds})
      from taken
      returning id, first_unit, units
    )
    select block.id as block_id, block.first_unit, null::bigint as returned_by, array[]::bigint[] as former_members, places.places
    from block
    cross join lateral (
      select string_agg(unit.input_offset || ':' || unit.input_length, ',' order by unit.index) as places
      from unit
      where unit.job_number = ${jobNumber}
        and unit.index >= block.first_unit
        and unit.index < block.first_unit + block.units
    ) places
  `;
}

/** Takes units that came back, as windows of their own, before any fresh ones. */
export function takeReissued(
  sql: Sql,
  {
    jobNumber,
    replica,
    windowsMax,
    firstUnits,
  }: {
    readonly jobNumber: bigint;
    readonly replica: number;
    readonly windowsMax: number;
    /** Only what begins with one of these. */
    readonly firstUnits?: readonly number[];
  },
): Promise<WindowRow[]> {
  return sql<WindowRow[]>`
    with picked as materialized (
      select job_number, first_unit
      from reissue
      where job_number = ${jobNumber}
        and exists (select from job_cursor where job_cursor.job_number = ${jobNumber} and is_open)
        ${firstUnits === undefined ? sql`` : sql`and first_unit = any(${pgArray(firstUnits)}::text::int[])`}
      order by first_unit
      limit ${windowsMax}
      for update skip locked
    ),
    taken as (
      delete from reissue
      using picked
      where reissue.job_number = picked.job_number
        and reissue.first_unit = picked.first_unit
      returning reissue.first_unit, reissue.units, reissue.returned_by
    ),
    block as (
      insert into feeder_block (replica, job_number, first_unit, units, expires_at)
      select ${replica}, ${jobNumber}, first_unit, units, now() + make_interval(secs => ${blockSeconds})
      from taken
      returning id, first_unit, units
    )
    select block.id as block_id, block.first_unit, taken.returned_by,
           array(
             select distinct member_number
             from unit_holder h
             where h.job_number = ${jobNumber}
               and h.first_unit > block.first_unit - ${runUnitsMax}
               and h.first_unit < block.first_unit + block.units
               and h.first_unit + h.units > block.first_unit
           ) as former_members,
           places.places
    from block
    join taken using (first_unit)
    cross join lateral (
      select string_agg(unit.input_offset || ':' || unit.input_length, ',' order by unit.index) as places
      from unit
      where unit.job_number = ${jobNumber}
        and unit.index >= block.first_unit
        and unit.index < block.first_unit + block.units
    ) places
  `;
}

/** Renews this replica's windows; gives those that are still its own. One that is missing was recovered by another. */
export async function renewBlocks(sql: Sql, blockIds: readonly bigint[]): Promise<Set<bigint>> {
  const rows = await sql<{ id: bigint }[]>`
    update feeder_block
    set expires_at = now() + make_interval(secs => ${blockSeconds})
    where id = any(${pgArray(blockIds)}::bigint[])
    returning id
  `;
  return new Set(rows.map(({ id }) => id));
}

/** Deletes windows that are used up. */
export async function deleteBlocks(sql: Sql, blockIds: readonly bigint[]): Promise<void> {
  await sql`
    delete from feeder_block
    where id = any(${pgArray(blockIds)}::bigint[])
  `;
}

/** Gives back what is left of a window, for any replica. Nothing happens when it was recovered meanwhile. */
export async function giveBack(
  sql: Sql,
  window: {
    readonly blockId: bigint;
    readonly firstUnit: number;
    readonly units: number;
    readonly returnedBy: bigint | undefined;
  },
): Promise<void> {
  await sql`
    with block as (
      delete from feeder_block
      where id = ${window.blockId}
      returning job_number
    )
    insert into reissue (job_number, first_unit, units, returned_by)
    select job_number, ${window.firstUnit}, ${window.units}, ${window.returnedBy ?? null}
    from block
  `;
}

/**
 * Recovers one window whose replica is gone; false when there is none. Two statements, because the second must see what
 * was claimed before the first got its lock: a claim locks the window it hands out of.
 */
export async function recoverBlock(
  tx: SqlOrTransaction,
  which:
    | { readonly kind: 'expired' }
    | { readonly kind: 'own-before'; readonly replica: number; readonly blockIdMax: bigint },
): Promise<boolean> {
  const [block] = await tx<{ id: bigint; jobNumber: bigint; firstUnit: number; units: number }[]>`
    select id, job_number, first_unit, units
    from feeder_block
    where ${which.kind === 'expired' ? tx`expires_at < now()` : tx`replica = ${which.replica} and id <= ${which.blockIdMax}`}
    order by id
    limit 1
    for update skip locked
  `;
  if (block === undefined) {
    return false;
  }
  const { id, jobNumber, firstUnit, units } = block;
  const end = firstUnit + units;
  // What a younger window covers was handed out of this one, came back, and is the younger one's now.
  await tx`
    with gone as (
      select first_unit, units from assignment where job_number = ${jobNumber} and not is_copy
      union all
      select first_unit, units from result
      where job_number = ${jobNumber} and not is_copy
        and first_unit > ${firstUnit - runUnitsMax} and first_unit < ${end}
        and not exists (select from job_cursor where job_number = ${jobNumber} and trust is not null)
      union all
      select first_unit, units from trust_run
      where job_number = ${jobNumber}
        and first_unit > ${firstUnit - runUnitsMax} and first_unit < ${end}
      union all
      select first_unit, units from reissue where job_number = ${jobNumber}
      union all
      select first_unit, units from feeder_block where job_number = ${jobNumber} and id > ${id}
    ),
    missing as (
      select unnest(
        int4multirange(int4range(${firstUnit}::int, ${end}::int))
        - coalesce((select range_agg(int4range(first_unit, first_unit + units)) from gone), int4multirange())
      ) as part
    )
    insert into reissue (job_number, first_unit, units)
    select ${jobNumber}::bigint, lower(part), upper(part) - lower(part)
    from missing
    where exists (select from job_cursor where job_number = ${jobNumber} and is_open)
  `;
  await tx`
    delete from feeder_block
    where id = ${id}
  `;
  return true;
}

/** No run is longer, so no result that begins earlier reaches into a window. */
const { runUnitsMax } = limits;

/** The youngest window so far, so that a replica that starts can tell its predecessor's from its own. */
export async function readLastBlockId(sql: Sql): Promise<bigint> {
  const [row] = await sql<{ id: bigint }[]>`
    select coalesce(max(id), 0) as id
    from feeder_block
  `;
  return row?.id ?? 0n;
}

/** Deletes an ended job's windows and the units that wait to go out again. What came back stays: it says why the job failed. */
export async function deleteJobFeeding(sql: SqlOrTransaction, jobNumber: bigint): Promise<void> {
  await sql`delete from feeder_block where job_number = ${jobNumber}`;
  await sql`delete from reissue where job_number = ${jobNumber}`;
}

/** Deletes the units that an interrupted split left. */
export async function deleteUnits(sql: SqlOrTransaction, jobNumber: bigint): Promise<void> {
  await sql`delete from unit where job_number = ${jobNumber}`;
}

/** A job that units may be handed out of. */
export interface RunningJobRow {
  readonly number: bigint;
  readonly id: string;
  readonly customerNumber: bigint;
  readonly deadlineAt: Date | null;
  readonly copies: number;
  readonly trust: TrustLevelName | null;
  readonly unitCount: number;
  readonly nextUnit: number;
  readonly unitsDone: number;
  readonly fuel: string;
  readonly referenceFuelPerSecond: bigint;
}

/** All jobs that units are handed out of, oldest first. */
export function listRunningJobs(sql: Sql): Promise<RunningJobRow[]> {
  return sql<RunningJobRow[]>`
    select job.number, job.id, job.customer_number, job.deadline_at, job_cursor.copies, job_cursor.trust, job_cursor.unit_count, job_cursor.next_unit, job_cursor.units_done,
           job_cursor.fuel, rate_card.reference_fuel_per_second
    from job
    join job_cursor on job_cursor.job_number = job.number
    join rate_card on rate_card.version = job.rate_version
    where job.state in ('running', 'provisional')
      and job_cursor.is_open
      and not job_cursor.is_paused
    order by job.number
  `;
}

/** Where the inputs of consecutive units lie. */
export async function readPlaces(
  sql: Sql,
  {
    jobNumber,
    firstUnit,
    units,
  }: { readonly jobNumber: bigint; readonly firstUnit: number; readonly units: number },
): Promise<{ readonly offset: number; readonly length: number }[]> {
  const rows = await sql<{ inputOffset: bigint; inputLength: number }[]>`
    select input_offset, input_length
    from unit
    where job_number = ${jobNumber}
      and index >= ${firstUnit}
      and index < ${firstUnit + units}
    order by index
  `;
  return rows.map(({ inputOffset, inputLength }) => ({ offset: Number(inputOffset), length: inputLength }));
}
