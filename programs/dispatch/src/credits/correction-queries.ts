import { numericToBigint, type Sql, type Transaction } from '@taika/database/connect';
import type { PriceRate } from '../billing/price.ts';
import type { CorrectedWork } from './queries.ts';

/** An invoiced job whose results were corrected, and whose invoice was not looked at since. */
export interface CorrectedJob {
  readonly jobId: string;
  readonly jobNumber: bigint;
  readonly invoiceId: string;
  readonly invoiceNetMilli: bigint;
  /** What earlier corrections credited, before tax. */
  readonly correctedNetMilli: bigint;
  readonly maxPriceMilli: bigint | null;
  readonly rate: PriceRate & { readonly taxBasisPoints: number };
  readonly invoicedFuel: bigint;
  readonly corrected: CorrectedWork;
}

/** Whether a correction waits for its credit: asked outside a transaction, so that an idle loop costs one read. */
export async function hasCorrectionToCredit(sql: Sql): Promise<boolean> {
  const [row] = await sql<{ has: boolean }[]>`
    select exists (
      select
      from job_correction
      where merged_at is not null
        and credited_at is null
    ) as has
  `;
  return row?.has === true;
}

/**
 * The next such job, locked until the transaction ends; other replicas take others. Those wait of which another
 * correction is not published yet, so that one note says all, and those that are not invoiced yet.
 */
export async function lockCorrectedJob(tx: Transaction): Promise<CorrectedJob | undefined> {
  const [found] = await tx<{ number: bigint }[]>`
    select owner.number
    from job owner
    where owner.invoice_number is not null
      and owner.parent_number is null
      and owner.number in (
        select coalesce(part.parent_number, part.number)
        from job_correction c
        join job part on part.number = c.job_number
        where c.merged_at is not null
          and c.credited_at is null
      )
      and not exists (
        select
        from job_correction c
        join job part on part.number = c.job_number
        where c.merged_at is null
          and (part.number = owner.number or part.parent_number = owner.number)
      )
    order by owner.number
    limit 1
    for no key update skip locked
  `;
  if (found === undefined) {
    return undefined;
  }
  const [row] = await tx<
    {
      jobId: string;
      invoiceId: string;
      invoiceNetMilli: bigint;
      correctedNetMilli: bigint;
      maxPriceMilli: bigint | null;
      priceMilli: bigint;
      perFuel: bigint;
      taxBasisPoints: number;
      factorThousandths: number;
      invoicedFuel: string;
      fuel: string;
      units: bigint;
    }[]
  >`
    select job.id as job_id, i.id as invoice_id, i.net_milli as invoice_net_milli, i.tax_basis_points,
           (
             select coalesce(sum(net_milli), 0)::bigint
             from credit_note
             where invoice_number = i.number
               and corrected_fuel is not null
           ) as corrected_net_milli,
           job.max_price_milli, r.price_milli, r.per_fuel, l.factor_thousandths, l.fuel as invoiced_fuel,
           standing_fuel(job.number) as fuel,
           (
             select coalesce(sum(c.units), 0)::bigint
             from job_correction c
             join job part on part.number = c.job_number
             where coalesce(part.parent_number, part.number) = job.number
               and c.credited_at is null
           ) as units
    from job
    join invoice_line l on l.job_number = job.number
    join invoice i on i.number = l.invoice_number
    join rate_card r on r.version = l.rate_version
    where job.number = ${found.number}
  `;
  if (row === undefined) {
    throw new Error(`Job ${found.number} is invoiced and has no line.`);
  }
  const { priceMilli, perFuel, taxBasisPoints, factorThousandths, invoicedFuel, fuel, units, ...job } = row;
  return {
    ...job,
    jobNumber: found.number,
    rate: { priceMilli, perFuel, taxBasisPoints, factorThousandths: BigInt(factorThousandths) },
    invoicedFuel: numericToBigint(invoicedFuel),
    corrected: { units, fuel: numericToBigint(fuel) },
  };
}

/** Notes that a job's published corrections are settled, with the note that did so where there was something to credit. */
export async function markCredited(
  tx: Transaction,
  {
    jobNumber,
    creditNoteNumber,
    now,
  }: { readonly jobNumber: bigint; readonly creditNoteNumber: bigint | undefined; readonly now: Date },
): Promise<void> {
  await tx`
    update job_correction c
    set credited_at = ${now},
        credit_note_number = ${creditNoteNumber ?? null}
    from job part
    where part.number = c.job_number
      and coalesce(part.parent_number, part.number) = ${jobNumber}
      and c.merged_at is not null
      and c.credited_at is null
  `;
}
