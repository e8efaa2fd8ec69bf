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

/** Running cursors of jobs with a maximal price, as far as something was computed. Few: what runs now. */
export async function listBoundedCursors(sql: SqlOrTransaction): Promise<BoundedCursor[]> {
  const rows = await sql<
    {
      jobNumber: bigint;
      isPaused: boolean;
      fuelBefore: string;
      fuel: string;
      unitsDone: number;
      unitsOut: number;
      unitCount: number;
      maxPriceMilli: bigint;
      priceMilli: bigint;
      perFuel: bigint;
      taxBasisPoints: number;
      levelFactors: LevelFactors | null;
      trust: TrustLevelName | null;
      copies: number | null;
    }[]
  >`
    select job.number as job_number, job_cursor.is_paused,
           case when owner.number = job.number then 0 else owner.fuel end as fuel_before,
           job_cursor.fuel, job_cursor.units_done, job_cursor.unit_count,
           (
             select coalesce(sum(units), 0)::int
             from assignment
             where job_number = job.number
               and not is_copy
           ) as units_out,
           owner.max_price_milli, rate_card.price_milli, rate_card.per_fuel, rate_card.tax_basis_points,
           rate_card.level_factors, owner.spec ->> 'trust' as trust, (owner.spec ->> 'copies')::int as copies
    from job
    join job_cursor on job_cursor.job_number = job.number
    join job owner on owner.number = coalesce(job.parent_number, job.number)
    join rate_card on rate_card.version = owner.rate_version
    where job.state = 'running'
      and job_cursor.is_open
      and owner.max_price_milli is not null
      and (job_cursor.is_paused or job_cursor.units_done > 0 or owner.fuel > 0)
  `;
  return rows.map(
    ({
      jobNumber,
      isPaused,
      priceMilli,
      perFuel,
      taxBasisPoints,
      levelFactors,
      trust,
      copies,
      ...spending
    }) => ({
      jobNumber,
      isPaused,
      spending: {
        ...spending,
        fuelBefore: numericToBigint(spending.fuelBefore),
        fuel: numericToBigint(spending.fuel),
        rate: rateFor(
          { priceMilli, perFuel, taxBasisPoints, levelFactors },
          { trust: trust ?? undefined, copies: copies ?? undefined },
        ),
      },
    }),
  );
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
    }[]
  >`
    select number, state, max_price_milli, ledger_hold_id, hold_is_open,
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
