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
  const rows = await sql<WorkSumRow[]>`
    select w.kind, w.use, sum(w.fuel) as fuel, sum(w.units) as units, r.per_fuel, r.points_milli
    from terminal_work_in(${terminalNumber}, ${days.from}, ${days.before}) w
    join rate_card r on r.version = w.rate_version
    group by w.kind, w.use, w.rate_version, r.per_fuel, r.points_milli
  `;
  return rows.map(toWorkSum);
}

/** What a registration's terminal did in these days while it was in force: on its first day from its beginning on, on its last up to its end. */
export async function sumRegistrationWork(
  sql: SqlOrTransaction,
  registrationId: string,
  days: DayRange,
): Promise<WorkSum[]> {
  const rows = await sql<WorkSumRow[]>`
    select w.kind, w.use, w.fuel, w.units, r.per_fuel, r.points_milli
    from registration_work_in(${registrationId}, ${days.from}, ${days.before}) w
    join rate_card r on r.version = w.rate_version
  `;
  return rows.map(toWorkSum);
}

type WorkSumRow = Omit<WorkSum, 'fuel' | 'units'> & { readonly fuel: string; readonly units: string };

function toWorkSum(row: WorkSumRow): WorkSum {
  return { ...row, fuel: numericToBigint(row.fuel), units: numericToBigint(row.units) };
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
