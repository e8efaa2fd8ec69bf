import type { SqlOrTransaction, Transaction } from '@taika/database/connect';
import type { DocumentSearch } from '@taika/http/document-search';
import type { PageRequest } from '@taika/http/page';
import { pgArray } from '../pg-array.ts';
import type { ClaimCorrectionRow } from './claim-correction.ts';

/** A document as its row has it, with its vendor. */
export interface ClaimDocumentRow {
  readonly id: string;
  readonly number: bigint;
  readonly documentNumber: string;
  readonly vendorId: string;
  readonly vendorNumber: bigint;
  readonly vendorName: string;
  readonly issuedAt: Date;
  readonly upTo: string;
  readonly periodFrom: string;
  readonly periodTo: string;
  readonly currency: string;
  readonly netMilli: bigint;
  readonly taxMilli: bigint;
  readonly totalMilli: bigint;
}

/** A line with its claim. */
export interface ClaimLineRow {
  readonly line: number;
  readonly claimNumber: bigint;
  readonly event: string;
  readonly kind: 'license-fee' | 'discount' | 'refund';
  readonly registrationId: string | null;
  readonly orderId: string | null;
  readonly month: string | null;
  readonly amountMilli: bigint;
  readonly taxBasisPoints: number;
  readonly evidenceSha256: string | null;
  readonly state: 'open' | 'confirmed' | 'disputed' | 'cancelled';
  readonly reason: string | null;
  readonly outcome: string | null;
}

/** A claim that no document has. */
export interface UndocumentedClaim {
  readonly claimNumber: bigint;
  readonly on: string;
  readonly currency: string;
  readonly amountMilli: bigint;
  readonly taxBasisPoints: number;
}

/** Lets one transaction at a time prepare documents for a vendor, or answer them. */
export function lockVendorClaims(tx: Transaction, vendorNumber: bigint): Promise<unknown> {
  return tx`select pg_advisory_xact_lock(hashtextextended('claim documents ' || ${vendorNumber}::bigint, 0))`;
}

/** The next vendor with claims above zero before an instant that no document has: refunds alone wait. */
export async function findVendorToDocument(
  sql: SqlOrTransaction,
  before: Date,
): Promise<{ readonly id: string; readonly number: bigint } | undefined> {
  const [row] = await sql<{ id: string; number: bigint }[]>`
    select v.id, v.number
    from claim c
    join claim_event e on e.claim_number = c.number
    join vendor v on v.number = c.vendor_number
    where c.accepted_at < ${before}
      and c.amount_milli > 0
      and not exists (select from claim_document_line l where l.claim_number = c.number)
    order by v.number
    limit 1
  `;
  return row;
}

/** A vendor's claims and refunds before an instant that no document has, the oldest first. */
export function listUndocumentedClaims(
  tx: Transaction,
  {
    vendorNumber,
    before,
    linesMax,
  }: {
    readonly vendorNumber: bigint;
    readonly before: Date;
    readonly linesMax: { readonly claims: number; readonly refunds: number };
  },
): Promise<UndocumentedClaim[]> {
  return tx<UndocumentedClaim[]>`
    with waiting as (
      select c.number as claim_number, (c.accepted_at at time zone 'UTC')::date as on, c.currency, c.amount_milli,
             c.tax_basis_points,
             row_number() over (partition by c.amount_milli < 0 order by c.number) as place
      from claim c
      join claim_event e on e.claim_number = c.number
      where c.vendor_number = ${vendorNumber}
        and c.accepted_at < ${before}
        and not exists (select from claim_document_line l where l.claim_number = c.number)
    )
    select claim_number, "on", currency, amount_milli, tax_basis_points
    from waiting
    where place <= case when amount_milli < 0 then ${linesMax.refunds}::int else ${linesMax.claims}::int end
    order by claim_number
  `;
}

/** Stores a document with its lines. */
export async function insertClaimDocument(
  tx: Transaction,
  document: Omit<ClaimDocumentRow, 'number' | 'vendorId' | 'vendorName'> & {
    readonly claimNumbers: readonly bigint[];
  },
): Promise<void> {
  const { claimNumbers } = document;
  await tx`
    with document as (
      insert into claim_document (
        id, document_number, vendor_number, issued_at, up_to, period_from, period_to, currency, net_milli, tax_milli,
        total_milli
      )
      values (
        ${document.id}, ${document.documentNumber}, ${document.vendorNumber}, ${document.issuedAt},
        ${document.upTo}::date, ${document.periodFrom}::date, ${document.periodTo}::date, ${document.currency},
        ${document.netMilli}, ${document.taxMilli}, ${document.totalMilli}
      )
      returning number
    )
    insert into claim_document_line (document_number, line, claim_number)
    select document.number, c.line, c.claim_number
    from document
    cross join unnest(${pgArray(claimNumbers)}::text::bigint[]) with ordinality c(claim_number, line)
  `;
}

/** One document; of a vendor where one asks. */
export async function findClaimDocument(
  sql: SqlOrTransaction,
  { id, vendorNumber = null }: { readonly id: string; readonly vendorNumber?: bigint | null | undefined },
): Promise<ClaimDocumentRow | undefined> {
  const [row] = await sql<ClaimDocumentRow[]>`
    select d.id, d.number, d.document_number, v.id as vendor_id, d.vendor_number, v.name as vendor_name, d.issued_at,
           d.up_to, d.period_from, d.period_to, d.currency, d.net_milli, d.tax_milli, d.total_milli
    from claim_document d
    join vendor v on v.number = d.vendor_number
    where d.id = ${id}
      and (${vendorNumber}::bigint is null or d.vendor_number = ${vendorNumber})
  `;
  return row;
}

/** Documents, newest first, one more than the page holds; a number is a document's own or that of a correction of it. */
export function listClaimDocumentRows(
  sql: SqlOrTransaction,
  filter: PageRequest & {
    readonly vendorNumber: bigint | undefined;
    readonly isOpen: boolean;
    readonly search: DocumentSearch;
  },
): Promise<ClaimDocumentRow[]> {
  const { vendorNumber = null, isOpen, search, before, limit } = filter;
  return sql<ClaimDocumentRow[]>`
    select d.id, d.number, d.document_number, v.id as vendor_id, d.vendor_number, v.name as vendor_name, d.issued_at,
           d.up_to, d.period_from, d.period_to, d.currency, d.net_milli, d.tax_milli, d.total_milli
    from claim_document d
    join vendor v on v.number = d.vendor_number
    where d.number < ${before}
      and (${vendorNumber}::bigint is null or d.vendor_number = ${vendorNumber})
      and (
        not ${isOpen}
        or exists (select from claim_document_line l where l.document_number = d.number and l.state = 'open')
      )
      and (${search.from}::timestamptz is null or d.issued_at >= ${search.from})
      and (${search.before}::timestamptz is null or d.issued_at < ${search.before})
      and (${search.amountFrom}::bigint is null or d.total_milli >= ${search.amountFrom})
      and (${search.amountTo}::bigint is null or d.total_milli <= ${search.amountTo})
      and (
        ${search.number}::text is null
        or d.document_number = ${search.number}
        or exists (
          select
          from claim_correction n
          where n.claim_document_number = d.number
            and n.document_number = ${search.number}
        )
      )
      and (
        ${search.counterparty}::text is null
        or v.id::text = ${search.counterparty}
        or position(lower(${search.counterparty}) in lower(v.name)) > 0
      )
    order by d.number desc
    limit ${limit + 1}
  `;
}

/** The lines of documents, by the document's number. */
export async function listClaimLines(
  sql: SqlOrTransaction,
  documentNumbers: readonly bigint[],
): Promise<Map<bigint, ClaimLineRow[]>> {
  const rows = await sql<(ClaimLineRow & { documentNumber: bigint })[]>`
    select l.document_number, l.line, l.claim_number, e.event, c.kind, c.registration_id, c.order_id, c.month,
           c.amount_milli, c.tax_basis_points, c.evidence_sha256, l.state, l.reason, l.outcome
    from claim_document_line l
    join claim c on c.number = l.claim_number
    join claim_event e on e.claim_number = c.number
    where l.document_number = any(${pgArray(documentNumbers)}::text::bigint[])
    order by l.document_number, l.line
  `;
  const byDocument = new Map<bigint, ClaimLineRow[]>(documentNumbers.map((number) => [number, []]));
  for (const { documentNumber, ...line } of rows) {
    byDocument.get(documentNumber)?.push(line);
  }
  return byDocument;
}

/** The vendor's answer. Zero rows: the line is answered already. */
export async function answerLine(
  tx: Transaction,
  line: {
    readonly claimNumber: bigint;
    readonly state: 'confirmed' | 'disputed';
    readonly reason: string | undefined;
    readonly at: Date;
  },
): Promise<boolean> {
  const rows = await tx`
    update claim_document_line
    set state = ${line.state},
        reason = ${line.reason ?? null},
        answered_at = ${line.at}
    where claim_number = ${line.claimNumber}
      and state = 'open'
    returning line
  `;
  return rows.length === 1;
}

/** The end of a dispute. Zero rows: the line is not disputed. */
export async function settleLine(
  tx: Transaction,
  line: {
    readonly claimNumber: bigint;
    readonly state: 'confirmed' | 'cancelled';
    readonly outcome: string;
    readonly at: Date;
  },
): Promise<boolean> {
  const rows = await tx`
    update claim_document_line
    set state = ${line.state},
        outcome = ${line.outcome},
        settled_at = ${line.at}
    where claim_number = ${line.claimNumber}
      and state = 'disputed'
    returning line
  `;
  return rows.length === 1;
}

/** What a vendor said of itself in its last statement. */
export async function findStatedParty(
  sql: SqlOrTransaction,
  vendorId: string,
): Promise<{ readonly [name: string]: string } | undefined> {
  const [row] = await sql<{ party: { readonly [name: string]: string } }[]>`
    select body::jsonb -> 'party' as party
    from ledger.statement
    where counterparty = ${vendorId}
      and not is_ours
    order by day desc, part
    limit 1
  `;
  return row?.party;
}

/** How the total of a document's confirmed lines went beyond their sum, answer by answer. */
export interface ClaimTotalRow {
  readonly sequence: number;
  readonly taxMilli: bigint;
  readonly roundingMilli: bigint;
}

/** Those of documents, by the document's number, the first in front. */
export async function listClaimTotals(
  sql: SqlOrTransaction,
  documentNumbers: readonly bigint[],
): Promise<ReadonlyMap<bigint, readonly ClaimTotalRow[]>> {
  const rows = await sql<(ClaimTotalRow & { documentNumber: bigint })[]>`
    select document_number, sequence, tax_milli, rounding_milli
    from claim_total
    where document_number = any(${pgArray(documentNumbers)}::text::bigint[])
    order by document_number, sequence
  `;
  return Map.groupBy(rows, ({ documentNumber }) => documentNumber);
}

/** Stores the next one of a document; the vendor's claims are locked. */
export async function insertClaimTotal(
  tx: Transaction,
  documentNumber: bigint,
  { sequence, taxMilli, roundingMilli, at }: ClaimTotalRow & { readonly at: Date },
): Promise<void> {
  await tx`
    insert into claim_total (document_number, sequence, tax_milli, rounding_milli, at)
    values (${documentNumber}, ${sequence}, ${taxMilli}, ${roundingMilli}, ${at})
  `;
}

/** What takes cancelled lines off documents, by the document's number, the first in front. */
export async function listClaimCorrections(
  sql: SqlOrTransaction,
  documentNumbers: readonly bigint[],
): Promise<ReadonlyMap<bigint, readonly ClaimCorrectionRow[]>> {
  const rows = await sql<(ClaimCorrectionRow & { claimDocumentNumber: bigint })[]>`
    select id, document_number, claim_document_number, line, issued_at, net_milli, tax_milli, total_milli
    from claim_correction
    where claim_document_number = any(${pgArray(documentNumbers)}::text::bigint[])
    order by claim_document_number, number
  `;
  return Map.groupBy(rows, ({ claimDocumentNumber }) => claimDocumentNumber);
}

/** The id of the document that a correction is of. */
export async function findCorrectedDocumentId(
  sql: SqlOrTransaction,
  correctionId: string,
): Promise<string | undefined> {
  const [row] = await sql<{ id: string }[]>`
    select d.id
    from claim_correction n
    join claim_document d on d.number = n.claim_document_number
    where n.id = ${correctionId}
  `;
  return row?.id;
}

/** Stores a correction of a document; the vendor's claims are locked. */
export async function insertClaimCorrection(
  tx: Transaction,
  claimDocumentNumber: bigint,
  correction: ClaimCorrectionRow,
): Promise<void> {
  await tx`
    insert into claim_correction (
      id, document_number, claim_document_number, line, issued_at, net_milli, tax_milli, total_milli
    )
    values (
      ${correction.id}, ${correction.documentNumber}, ${claimDocumentNumber}, ${correction.line}, ${correction.issuedAt},
      ${correction.netMilli}, ${correction.taxMilli}, ${correction.totalMilli}
    )
  `;
}

/** Notes a payment to a vendor, so that statements have it. */
export async function insertVendorPayment(
  tx: Transaction,
  payment: {
    readonly paymentId: string;
    readonly vendorNumber: bigint;
    readonly currency: string;
    readonly amountMilli: bigint;
    readonly reference: string;
    readonly at: Date;
  },
): Promise<void> {
  await tx`
    insert into vendor_payment (id, vendor_number, currency, amount_milli, reference, booked_at)
    values (
      ${payment.paymentId}, ${payment.vendorNumber}, ${payment.currency}, ${payment.amountMilli}, ${payment.reference},
      ${payment.at}
    )
  `;
}
