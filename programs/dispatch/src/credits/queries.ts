import type { SqlOrTransaction, Transaction } from '@taika/database/connect';
import type { DocumentSearch } from '@taika/http/document-search';
import type { PageRequest } from '@taika/http/page';
import type { JobFactor } from '@taika/protocol/trust-prices';
import type { Creditable } from './credit-note.ts';

/** An invoice that is to be corrected, with what was done to it so far. */
export interface InvoiceToCorrect extends Creditable {
  readonly number: bigint;
  readonly documentNumber: string;
  readonly customerId: string;
  readonly customerNumber: bigint;
  readonly currency: string;
  readonly totalMilli: bigint;
  readonly jobId: string;
  readonly isDelivered: boolean;
  readonly voidId: string | null;
  readonly credits: bigint;
}

/** Locks an invoice until the transaction ends, so that corrections of it are made one after the other. */
export async function lockInvoice(tx: Transaction, id: string): Promise<InvoiceToCorrect | undefined> {
  await tx`
    select
    from invoice
    where id = ${id}
    for no key update
  `;
  // A statement of its own: it sees what was committed while the lock was waited for.
  const [row] = await tx<(Omit<InvoiceToCorrect, 'credits'> & { credits: bigint })[]>`
    select i.number, i.document_number, c.id as customer_id, i.customer_number, i.currency, i.net_milli,
           i.tax_basis_points, i.total_milli, j.id as job_id,
           exists (select from invoice_delivery d where d.invoice_number = i.number) as is_delivered,
           (select v.id from invoice_void v where v.invoice_number = i.number) as void_id,
           n.credits, n.credited_net_milli, n.credited_tax_milli
    from invoice i
    join customer c on c.number = i.customer_number
    join invoice_line l on l.invoice_number = i.number
    join job j on j.number = l.job_number
    cross join lateral (
      select count(*) as credits, coalesce(sum(net_milli), 0)::bigint as credited_net_milli,
             coalesce(sum(tax_milli), 0)::bigint as credited_tax_milli
      from credit_note
      where invoice_number = i.number
    ) n
    where i.id = ${id}
  `;
  return row;
}

/** Notes that a customer has these invoices in its hands now. */
export async function markDelivered(sql: SqlOrTransaction, invoiceIds: readonly string[]): Promise<void> {
  if (invoiceIds.length === 0) {
    return;
  }
  await sql`
    insert into invoice_delivery (invoice_number, delivered_at)
    select number, now()
    from invoice i
    where id = any(${invoiceIds as string[]}::uuid[])
      and not exists (select from invoice_delivery d where d.invoice_number = i.number)
    order by number
    on conflict do nothing
  `;
}

/** Marks an invoice as void. */
export async function insertVoid(
  tx: Transaction,
  row: {
    readonly invoiceNumber: bigint;
    readonly id: string;
    readonly reason: string;
    readonly voidedAt: Date;
  },
): Promise<void> {
  await tx`
    insert into invoice_void (invoice_number, id, reason, voided_at)
    values (${row.invoiceNumber}, ${row.id}, ${row.reason}, ${row.voidedAt})
  `;
}

/** The journal that a command made; undefined when it made none. */
export async function findJournalOf(tx: Transaction, key: string): Promise<bigint | undefined> {
  const [row] = await tx<{ id: bigint }[]>`
    select j.id
    from ledger.command c
    join ledger.journal j on j.id = c.id
    where c.key = ${key}
  `;
  return row?.id;
}

/** What was found wrong of an invoiced job. */
export interface CorrectedWork {
  readonly units: bigint;
  /** Of the whole job, by the right results. */
  readonly fuel: bigint;
}

/** A row of `credit_note`, with its invoice's number as printed. */
export interface CreditNoteRow {
  readonly id: string;
  readonly number: bigint;
  readonly documentNumber: string;
  readonly invoiceId: string;
  readonly invoiceDocumentNumber: string;
  readonly invoiceIssuedAt: Date;
  readonly customerId: string;
  readonly jobId: string;
  readonly issuedAt: Date;
  readonly currency: string;
  readonly taxBasisPoints: number;
  readonly netMilli: bigint;
  readonly taxMilli: bigint;
  readonly totalMilli: bigint;
  readonly depositMilli: bigint;
  readonly reason: string;
  readonly correctedUnits: bigint | null;
  readonly correctedFuel: string | null;
  /** What the invoice's line was worked out by. */
  readonly invoicedFuel: string;
  readonly priceMilli: bigint;
  readonly perFuel: bigint;
  readonly level: JobFactor['level'] | null;
  readonly factorThousandths: number;
  readonly rateVersion: number;
}

/** A credit note before it is stored. */
export interface NewCreditNote {
  readonly id: string;
  readonly documentNumber: string;
  readonly invoiceNumber: bigint;
  readonly customerNumber: bigint;
  readonly issuedAt: Date;
  readonly currency: string;
  readonly netMilli: bigint;
  readonly taxMilli: bigint;
  readonly totalMilli: bigint;
  readonly depositMilli: bigint;
  readonly reason: string;
  readonly correction: CorrectedWork | undefined;
}

/** Stores a credit note; gives its row's number. */
export async function insertCreditNote(tx: Transaction, note: NewCreditNote): Promise<bigint> {
  const [row] = await tx<{ number: bigint }[]>`
    insert into credit_note (
      id, document_number, invoice_number, customer_number, issued_at, currency, net_milli, tax_milli, total_milli,
      deposit_milli, reason, corrected_units, corrected_fuel
    )
    values (
      ${note.id}, ${note.documentNumber}, ${note.invoiceNumber}, ${note.customerNumber}, ${note.issuedAt},
      ${note.currency}, ${note.netMilli}, ${note.taxMilli}, ${note.totalMilli}, ${note.depositMilli}, ${note.reason},
      ${note.correction?.units ?? null}, ${note.correction?.fuel ?? null}
    )
    returning number
  `;
  if (row === undefined) {
    throw new Error('A credit note was stored without a number.');
  }
  return row.number;
}

/** Credit notes, newest first, one more than the page holds: of one customer or of all, those that the search finds. */
export function listCreditNoteRows(
  sql: SqlOrTransaction,
  {
    customerNumber = null,
    search,
    before,
    limit,
  }: PageRequest & { readonly customerNumber: bigint | undefined | null; readonly search: DocumentSearch },
): Promise<CreditNoteRow[]> {
  return sql<CreditNoteRow[]>`
    ${selectNotes(sql)}
    where n.number < ${before}
      and (${customerNumber}::bigint is null or n.customer_number = ${customerNumber})
      and (${search.from}::timestamptz is null or n.issued_at >= ${search.from})
      and (${search.before}::timestamptz is null or n.issued_at < ${search.before})
      and (${search.amountFrom}::bigint is null or n.total_milli >= ${search.amountFrom})
      and (${search.amountTo}::bigint is null or n.total_milli <= ${search.amountTo})
      and (${search.number}::text is null or n.document_number = ${search.number})
      and (
        ${search.counterparty}::text is null
        or c.id::text = ${search.counterparty}
        or position(lower(${search.counterparty}) in lower(c.name)) > 0
      )
    order by n.number desc
    limit ${limit + 1}
  `;
}

/** One credit note; of a customer where one asks. */
export async function findCreditNote(
  sql: SqlOrTransaction,
  { customerNumber = null, id }: { readonly customerNumber?: bigint | null | undefined; readonly id: string },
): Promise<CreditNoteRow | undefined> {
  const [row] = await sql<CreditNoteRow[]>`
    ${selectNotes(sql)}
    where n.id = ${id}
      and (${customerNumber}::bigint is null or n.customer_number = ${customerNumber})
  `;
  return row;
}

function selectNotes(sql: SqlOrTransaction) {
  return sql`
    select n.id, n.number, n.document_number, i.id as invoice_id, i.document_number as invoice_document_number,
           i.issued_at as invoice_issued_at, c.id as customer_id, j.id as job_id, n.issued_at, n.currency,
           i.tax_basis_points, n.net_milli, n.tax_milli, n.total_milli, n.deposit_milli, n.reason, n.corrected_units,
           n.corrected_fuel, l.fuel as invoiced_fuel, r.price_milli, r.per_fuel, l.level, l.factor_thousandths, l.rate_version
    from credit_note n
    join invoice i on i.number = n.invoice_number
    join invoice_line l on l.invoice_number = i.number
    join rate_card r on r.version = l.rate_version
    join job j on j.number = l.job_number
    join customer c on c.number = n.customer_number`;
}
