import { numericToBigint, type SqlOrTransaction, type Transaction } from '@taika/database/connect';
import type { DocumentSearch } from '@taika/http/document-search';
import type { PageRequest } from '@taika/http/page';
import type { JobFactor } from '@taika/protocol/trust-prices';
import type { TrustLevelName } from '@taika/trust/trust-level';
import { pgArray } from '../pg-array.ts';

/** A job that is done, or of which outputs were delivered before it ended otherwise, and on no invoice yet. */
export interface BillableJob {
  readonly id: string;
  readonly number: bigint;
  readonly customerNumber: bigint;
  readonly name: string;
  readonly rateVersion: number;
  /** What its file says about trust. */
  readonly trust: TrustLevelName | undefined;
  readonly copies: number | undefined;
  readonly fuel: bigint;
  readonly units: bigint;
  /** The most that it may cost, tax included; null where the work is free of charge. */
  readonly maxPriceMilli: bigint | null;
  readonly ledgerHoldId: bigint | null;
}

/** Locks the next job to be invoiced until the transaction ends; other replicas take others. */
export async function lockBillableJob(tx: Transaction): Promise<BillableJob | undefined> {
  // One after the other, each by its own small index: an `or` of both might be answered by walking through every job.
  const row = (await lockDoneJob(tx))[0] ?? (await lockDeliveredJob(tx))[0];
  return (
    row && {
      ...row,
      trust: row.trust ?? undefined,
      copies: row.copies ?? undefined,
      fuel: numericToBigint(row.fuel),
    }
  );
}

type BillableRow = Omit<BillableJob, 'fuel' | 'trust' | 'copies'> & {
  readonly fuel: string;
  readonly trust: TrustLevelName | null;
  readonly copies: number | null;
};

function lockDoneJob(tx: Transaction): Promise<BillableRow[]> {
  return tx<BillableRow[]>`
    select id, number, customer_number, name, rate_version, spec ->> 'trust' as trust, (spec ->> 'copies')::int as copies,
           fuel, units_done::bigint as units, max_price_milli, ledger_hold_id
    from job
    where state = 'done'
      and invoice_number is null
      and parent_number is null
    order by number
    limit 1
    for no key update skip locked
  `;
}

/** Of a job that came to no result what was delivered is charged. */
function lockDeliveredJob(tx: Transaction): Promise<BillableRow[]> {
  return tx<BillableRow[]>`
    select id, number, customer_number, name, rate_version, spec ->> 'trust' as trust, (spec ->> 'copies')::int as copies,
           least(fuel, delivered_fuel) as fuel, least(units_done, delivered_units)::bigint as units, max_price_milli,
           ledger_hold_id
    from job
    where hold_is_open
      and state in ('failed', 'cancelled')
      and delivered_units > 0
    order by number
    limit 1
    for no key update skip locked
  `;
}

/** An invoice as it is stored, with its one line. */
export interface NewInvoice {
  readonly id: string;
  readonly documentNumber: string;
  readonly customerNumber: bigint;
  readonly issuedAt: Date;
  readonly currency: string;
  readonly netMilli: bigint;
  readonly taxBasisPoints: number;
  readonly taxMilli: bigint;
  readonly totalMilli: bigint;
  readonly job: BillableJob;
  readonly level: JobFactor['level'];
  readonly factorThousandths: bigint;
  readonly amountMilli: bigint;
  readonly beyondMilli: bigint;
}

/** Stores an invoice and marks its job. Fails on `invoice_line_job_once` when the job is on another one. */
export async function insertInvoice(tx: Transaction, invoice: NewInvoice): Promise<void> {
  const { job } = invoice;
  await tx`
    with document as (
      insert into invoice (
        id, document_number, customer_number, issued_at, currency, net_milli, tax_basis_points, tax_milli, total_milli
      )
      values (
        ${invoice.id}, ${invoice.documentNumber}, ${invoice.customerNumber}, ${invoice.issuedAt}, ${invoice.currency},
        ${invoice.netMilli}, ${invoice.taxBasisPoints}, ${invoice.taxMilli}, ${invoice.totalMilli}
      )
      returning number
    ),
    line as (
      insert into invoice_line (
        invoice_number, line, job_number, description, units, fuel, rate_version, level, factor_thousandths, amount_milli,
        beyond_limit_milli
      )
      select number, 1, ${job.number}::bigint, ${job.name}::text, ${job.units}::bigint, ${job.fuel}::numeric,
             ${job.rateVersion}::int, ${invoice.level}::text, ${invoice.factorThousandths}::int, ${invoice.amountMilli}::bigint, ${invoice.beyondMilli}::bigint
      from document
    )
    update job
    set invoice_number = document.number,
        hold_is_open = false
    from document
    where job.number = ${job.number}
  `;
}

/** Locks the next job that ended without a result, of which nothing was delivered, and that still holds money; other replicas take others. */
export async function lockJobToFree(
  tx: Transaction,
): Promise<{ readonly id: string; readonly number: bigint; readonly ledgerHoldId: bigint } | undefined> {
  const [row] = await tx<{ id: string; number: bigint; ledgerHoldId: bigint }[]>`
    select id, number, ledger_hold_id
    from job
    where hold_is_open
      and state in ('failed', 'cancelled')
      and delivered_units = 0
    order by number
    limit 1
    for no key update skip locked
  `;
  return row;
}

/** Notes that nothing is held for a job any more. */
export async function closeJobHold(tx: Transaction, jobNumber: bigint): Promise<void> {
  await tx`
    update job
    set hold_is_open = false
    where number = ${jobNumber}
  `;
}

/** An invoice with its line, as it is shown. */
export interface InvoiceRow {
  readonly id: string;
  readonly number: bigint;
  readonly documentNumber: string;
  readonly customerId: string;
  readonly issuedAt: Date;
  readonly currency: string;
  readonly netMilli: bigint;
  readonly taxBasisPoints: number;
  readonly taxMilli: bigint;
  readonly totalMilli: bigint;
  readonly jobId: string;
  readonly description: string;
  readonly units: bigint;
  readonly fuel: string;
  readonly rateVersion: number;
  readonly priceMilli: bigint;
  readonly perFuel: bigint;
  /** Null on an invoice from before levels had prices. */
  readonly level: JobFactor['level'] | null;
  readonly factorThousandths: number;
  readonly amountMilli: bigint;
  readonly beyondLimitMilli: bigint;
  readonly voidedAt: Date | null;
  readonly creditedMilli: bigint;
}

/** Which invoices are wanted: of one customer or of all. */
export interface InvoiceFilter extends PageRequest {
  readonly customerNumber: bigint | undefined;
  readonly search: DocumentSearch;
}

/** Invoices, newest first, one more than the page holds. */
export function listInvoiceRows(sql: SqlOrTransaction, filter: InvoiceFilter): Promise<InvoiceRow[]> {
  const { customerNumber = null, search, before, limit } = filter;
  return sql<InvoiceRow[]>`
    select i.id, i.number, i.document_number, c.id as customer_id, i.issued_at, i.currency, i.net_milli,
           i.tax_basis_points, i.tax_milli, i.total_milli, j.id as job_id, l.description, l.units, l.fuel,
           l.rate_version, r.price_milli, r.per_fuel, l.level, l.factor_thousandths, l.amount_milli,
           l.beyond_limit_milli, v.voided_at,
           (
             select coalesce(sum(n.total_milli), 0)::bigint
             from credit_note n
             where n.invoice_number = i.number
           ) as credited_milli
    from invoice i
    join customer c on c.number = i.customer_number
    join invoice_line l on l.invoice_number = i.number
    join job j on j.number = l.job_number
    join rate_card r on r.version = l.rate_version
    left join invoice_void v on v.invoice_number = i.number
    where i.number < ${before}
      and (${customerNumber}::bigint is null or i.customer_number = ${customerNumber})
      and (${search.from}::timestamptz is null or i.issued_at >= ${search.from})
      and (${search.before}::timestamptz is null or i.issued_at < ${search.before})
      and (${search.amountFrom}::bigint is null or i.total_milli >= ${search.amountFrom})
      and (${search.amountTo}::bigint is null or i.total_milli <= ${search.amountTo})
      and (${search.number}::text is null or i.document_number = ${search.number})
      and (
        ${search.counterparty}::text is null
        or c.id::text = ${search.counterparty}
        or position(lower(${search.counterparty}) in lower(c.name)) > 0
      )
    order by i.number desc
    limit ${limit + 1}
  `;
}

/** One invoice; of a customer where one asks. */
export async function findInvoice(
  sql: SqlOrTransaction,
  { customerNumber = null, id }: { readonly customerNumber: bigint | null | undefined; readonly id: string },
): Promise<InvoiceRow | undefined> {
  const [row] = await sql<InvoiceRow[]>`
    select i.id, i.number, i.document_number, c.id as customer_id, i.issued_at, i.currency, i.net_milli,
           i.tax_basis_points, i.tax_milli, i.total_milli, j.id as job_id, l.description, l.units, l.fuel,
           l.rate_version, r.price_milli, r.per_fuel, l.level, l.factor_thousandths, l.amount_milli,
           l.beyond_limit_milli, v.voided_at,
           (
             select coalesce(sum(n.total_milli), 0)::bigint
             from credit_note n
             where n.invoice_number = i.number
           ) as credited_milli
    from invoice i
    join customer c on c.number = i.customer_number
    join invoice_line l on l.invoice_number = i.number
    join job j on j.number = l.job_number
    join rate_card r on r.version = l.rate_version
    left join invoice_void v on v.invoice_number = i.number
    where i.id = ${id}
      and (${customerNumber}::bigint is null or i.customer_number = ${customerNumber})
  `;
  return row;
}

/** The invoices that jobs are on, by the job's number. */
export async function findInvoiceIdsOfJobs(
  sql: SqlOrTransaction,
  jobNumbers: readonly bigint[],
): Promise<Map<bigint, string>> {
  const rows = await sql<{ jobNumber: bigint; id: string }[]>`
    select l.job_number, i.id
    from invoice_line l
    join invoice i on i.number = l.invoice_number
    where l.job_number = any(${pgArray(jobNumbers)}::text::bigint[])
  `;
  return new Map(rows.map(({ jobNumber, id }) => [jobNumber, id]));
}

/** When a job began: with its issue it is the period of its invoice. */
export async function findJobPeriod(sql: SqlOrTransaction, jobId: string): Promise<{ startedAt: Date }> {
  const [row] = await sql<{ startedAt: Date }[]>`
    select created_at as started_at
    from job
    where id = ${jobId}
  `;
  if (row === undefined) {
    throw new Error(`There is no job ${jobId}.`);
  }
  return row;
}
