import { numericToBigint, type SqlOrTransaction } from '@taika/database/connect';
import { fromBits, hourOfMonth, hoursOfMonth, noHours } from '@taika/protocol/license-evidence';
import type { EntryKind, PointsUse } from '../rewards/earnings.ts';

/** Work of a terminal of one kind at one rate. */
export interface WorkSum {
  readonly kind: EntryKind;
  readonly use: PointsUse;
  readonly fuel: bigint;
  readonly units: bigint;
  readonly perFuel: bigint;
  readonly pointsMilli: bigint;
}

/** Days in UTC, the first included and the last not, as `2026-11-22`. */
export interface DayRange {
  readonly from: string;
  readonly before: string;
}

/** What a terminal's work is for at this instant. */
export async function readUse(sql: SqlOrTransaction, terminalNumber: bigint, at: Date): Promise<PointsUse> {
  const [row] = await sql<{ use: PointsUse }[]>`
    select points_use(${terminalNumber}, ${at}) as use
  `;
  return row?.use ?? 'spend';
}

/** All days. */
export const always: DayRange = { from: '1970-01-01', before: '9999-01-01' };

/**
 * What a terminal did in these days: what is summed up by day, and the entries that are not yet. One statement, so one
 * snapshot: a batch that is summed up meanwhile is neither counted twice nor missed.
 */
export async function sumTerminalWork(
  sql: SqlOrTransaction,
  terminalNumber: bigint,
  days: DayRange,
): Promise<WorkSum[]> {
  const rows = await sql<
    { kind: EntryKind; use: PointsUse; fuel: string; units: string; perFuel: bigint; pointsMilli: bigint }[]
  >`
    select w.kind, w.use, sum(w.fuel) as fuel, sum(w.units) as units, r.per_fuel, r.points_milli
    from (
      select kind, use, rate_version, fuel, units
      from terminal_work
      where terminal_number = ${terminalNumber}
        and day >= ${days.from}::date
        and day < ${days.before}::date
      union all
      select e.kind, points_use(e.terminal_number, e.at), j.rate_version, e.fuel, e.units
      from points_entry e
      join job j on j.number = e.job_number
      where e.id > (select last_entry from points_position)
        and e.terminal_number = ${terminalNumber}
        and (e.at at time zone 'UTC')::date >= ${days.from}::date
        and (e.at at time zone 'UTC')::date < ${days.before}::date
    ) w
    join rate_card r on r.version = w.rate_version
    group by w.kind, w.use, w.rate_version, r.per_fuel, r.points_milli
  `;
  return rows.map((row) => ({
    ...row,
    fuel: numericToBigint(row.fuel),
    units: numericToBigint(row.units),
  }));
}

/** Notes the hour in which a receipt told of work; most receipts find it noted, and write nothing. */
export async function noteHour(
  sql: SqlOrTransaction,
  { registrationId, at }: { readonly registrationId: string; readonly at: Date },
): Promise<void> {
  await sql`
    insert into license_hours (registration_id, month, hours)
    values (
      ${registrationId}, ${at.toISOString().slice(0, 'yyyy-mm'.length)},
      set_bit(repeat('0', ${hoursOfMonth}::int)::bit(744), ${hourOfMonth(at)}::int, 1)
    )
    on conflict (registration_id, month) do update
    set hours = set_bit(license_hours.hours, ${hourOfMonth(at)}::int, 1)
    where get_bit(license_hours.hours, ${hourOfMonth(at)}::int) = 0
  `;
}

/** The hours of a month in which receipts of a registration told of work. */
export async function readHours(
  sql: SqlOrTransaction,
  { registrationId, month }: { readonly registrationId: string; readonly month: string },
): Promise<string> {
  const [row] = await sql<{ bits: string }[]>`
    select hours::text as bits
    from license_hours
    where registration_id = ${registrationId}
      and month = ${month}
  `;
  return row === undefined ? noHours : fromBits(row.bits);
}
