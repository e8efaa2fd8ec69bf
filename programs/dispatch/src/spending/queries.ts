import { numericToBigint, type SqlOrTransaction, type Transaction } from '@taika/database/connect';
import type { LevelFactors } from '@taika/protocol/trust-prices';
import type { TrustLevelName } from '@taika/trust/trust-level';
import { rateFor } from '../billing/price.ts';
import type { Spending } from './spending.ts';

/** The cursor of a running job, or of a phase of one, whose price is bounded. */
export interface BoundedCursor {
  readonly jobNumber: bigint;
  readonly isPaused: boolean;
  readonly spending: Spending;
}

/** A row of `selectSpendings`. */
interface SpendingRow {
  readonly jobNumber: bigint;
  readonly isPaused: boolean;
  readonly fuelBefore: string;
  readonly fuel: string;
  readonly unitsDone: number;
  readonly unitsOut: number;
  readonly unitCount: number;
  readonly maxPriceMilli: bigint;
  readonly priceMilli: bigint;
  readonly perFuel: bigint;
  readonly taxBasisPoints: number;
  readonly levelFactors: LevelFactors | null;
  readonly trust: TrustLevelName | null;
  readonly copies: number | null;
}

/** Running cursors of jobs with a maximal price, as far as something was computed. Few: what runs now. */
export async function listBoundedCursors(sql: SqlOrTransaction): Promise<BoundedCursor[]> {
  const rows = await sql<SpendingRow[]>`
    ${selectSpendings(sql)}
    where job.state = 'running'
      and job_cursor.is_open
      and owner.max_price_milli is not null
      and (job_cursor.is_paused or job_cursor.units_done > 0 or owner.fuel > 0)
  `;
  return rows.map((row) => ({
    jobNumber: row.jobNumber,
    isPaused: row.isPaused,
    spending: toSpending(row),
  }));
}

/**
 * What a job whose bound is to be changed has cost. Its cursor, or that of its phase, stays locked until the transaction
 * ends, as a report locks it: nothing is counted meanwhile. The caller has locked the job.
 */
export async function lockSpending(
  tx: Transaction,
  { number, currentPhase }: { readonly number: bigint; readonly currentPhase: bigint | null },
): Promise<Spending | undefined> {
  const workNumber = currentPhase ?? number;
  await tx`
    select
    from job_cursor
    where job_number = ${workNumber}
    for no key update
  `;
  const [row] = await tx<SpendingRow[]>`
    ${selectSpendings(tx)}
    where job.number = ${workNumber}
      and owner.max_price_milli is not null
  `;
  return row && toSpending(row);
}

function selectSpendings(sql: SqlOrTransaction) {
  return sql`
    select job.number as job_number, coalesce(job_cursor.is_paused, false) as is_paused,
           case when owner.number = job.number then 0 else owner.fuel end as fuel_before,
           coalesce(job_cursor.fuel, 0) as fuel, coalesce(job_cursor.units_done, 0) as units_done,
           coalesce(job_cursor.unit_count, 0) as unit_count,
           (
             select coalesce(sum(units), 0)::int
             from assignment
             where job_number = job.number
               and not is_copy
           ) as units_out,
           owner.max_price_milli, rate_card.price_milli, rate_card.per_fuel, rate_card.tax_basis_points,
           rate_card.level_factors, owner.spec ->> 'trust' as trust, (owner.spec ->> 'copies')::int as copies
    from job
    left join job_cursor on job_cursor.job_number = job.number
    join job owner on owner.number = coalesce(job.parent_number, job.number)
    join rate_card on rate_card.version = owner.rate_version`;
}

function toSpending(row: SpendingRow): Spending {
  const { priceMilli, perFuel, taxBasisPoints, levelFactors, trust, copies } = row;
  return {
    fuelBefore: numericToBigint(row.fuelBefore),
    fuel: numericToBigint(row.fuel),
    unitsDone: row.unitsDone,
    unitsOut: row.unitsOut,
    unitCount: row.unitCount,
    maxPriceMilli: row.maxPriceMilli,
    rate: rateFor(
      { priceMilli, perFuel, taxBasisPoints, levelFactors },
      { trust: trust ?? undefined, copies: copies ?? undefined },
    ),
  };
}

/** Pauses a cursor, or lets it go on. */
export async function updatePaused(
  sql: SqlOrTransaction,
  { jobNumber, isPaused }: { readonly jobNumber: bigint; readonly isPaused: boolean },
): Promise<void> {
  await sql`
    update job_cursor
    set is_paused = ${isPaused}
    where job_number = ${jobNumber}
      and is_open
  `;
}

/** A customer's job whose bound is to be changed, locked until the transaction ends. */
export async function lockBoundedJob(
  tx: Transaction,
  { jobId, customerNumber }: { readonly jobId: string; readonly customerNumber: bigint },
): Promise<
  | {
      readonly number: bigint;
      readonly state: string;
      readonly maxPriceMilli: bigint | null;
      readonly ledgerHoldId: bigint | null;
      readonly holdIsOpen: boolean;
      /** Of the rate card that the job was accepted under. */
      readonly priceMilli: bigint;
      readonly currentPhase: bigint | null;
    }
  | undefined
> {
  const [row] = await tx<
    {
      number: bigint;
      state: string;
      maxPriceMilli: bigint | null;
      ledgerHoldId: bigint | null;
      holdIsOpen: boolean;
      priceMilli: bigint;
      currentPhase: bigint | null;
    }[]
  >`
    select number, state, max_price_milli, ledger_hold_id, hold_is_open, current_phase,
           (select price_milli from rate_card where version = job.rate_version) as price_milli
    from job
    where id = ${jobId}
      and customer_number = ${customerNumber}
      and parent_number is null
    for no key update
  `;
  return row;
}

/** Notes a job's new bound and the hold that covers it. */
export async function updateMaxPrice(
  tx: Transaction,
  {
    jobNumber,
    maxPriceMilli,
    ledgerHoldId,
  }: { readonly jobNumber: bigint; readonly maxPriceMilli: bigint; readonly ledgerHoldId: bigint },
): Promise<void> {
  await tx`
    update job
    set max_price_milli = ${maxPriceMilli},
        ledger_hold_id = ${ledgerHoldId}
    where number = ${jobNumber}
  `;
}
