import type { SqlOrTransaction, Transaction } from '@taika/database/connect';
import type { PageRequest } from '@taika/http/page';
import type { LicenseEvidenceText } from '@taika/protocol/license-evidence';

/** A row of `claim`, with its vendor's id. */
export interface ClaimRow {
  readonly id: string;
  readonly number: bigint;
  readonly vendorId: string;
  readonly vendorNumber: bigint;
  readonly kind: 'license-fee' | 'discount' | 'refund';
  readonly registrationId: string | null;
  readonly month: string | null;
  readonly orderId: string | null;
  readonly currency: string;
  readonly amountMilli: bigint;
  readonly state: 'accrued' | 'refused';
  readonly refusalCode: string | null;
  readonly evidence?: LicenseEvidenceText | null;
  readonly evidenceSha256?: string | null;
  readonly acceptedAt: Date;
}

/** A claim before it is stored. */
export type NewClaim = Omit<ClaimRow, 'number' | 'vendorId'> & {
  /** None where absent. */
  readonly taxBasisPoints?: number;
  /** Of a fee by the month: what it is paid once for. */
  readonly once?: Pick<ClaimedRegistration, 'terminalNumber' | 'product'> | undefined;
};

/** Stores a claim; false when the id is taken. Fails on `claim_fee_once`, `claim_month_once` or `claim_order_once` when the same thing was claimed before. */
export async function insertClaim(tx: Transaction, claim: NewClaim): Promise<boolean> {
  const rows = await tx`
    insert into claim (
      id, vendor_number, kind, registration_id, month, order_id, currency, amount_milli, state, refusal_code, evidence,
      evidence_sha256, tax_basis_points, terminal_number, product, accepted_at
    )
    values (
      ${claim.id}, ${claim.vendorNumber}, ${claim.kind}, ${claim.registrationId}, ${claim.month}, ${claim.orderId},
      ${claim.currency}, ${claim.amountMilli}, ${claim.state}, ${claim.refusalCode},
      ${claim.evidence === undefined || claim.evidence === null ? null : tx.json(claim.evidence)},
      ${claim.evidenceSha256 ?? null}, ${claim.taxBasisPoints ?? 0},
      ${claim.once?.terminalNumber ?? null}, ${claim.once?.product ?? null}, ${claim.acceptedAt}
    )
    on conflict (id) do nothing
    returning id
  `;
  return rows.length > 0;
}

/** The claim with this id, whoever's it is: callers compare the vendor. */
export async function findClaim(sql: SqlOrTransaction, id: string): Promise<ClaimRow | undefined> {
  const [row] = await sql<ClaimRow[]>`
    select c.id, c.number, v.id as vendor_id, c.vendor_number, c.kind, c.registration_id, c.month, c.order_id, c.currency,
           c.amount_milli, c.state, c.refusal_code, c.evidence, c.evidence_sha256, c.accepted_at
    from claim c
    join vendor v on v.number = c.vendor_number
    where c.id = ${id}
  `;
  return row;
}

/** A vendor's claims, newest first, one more than the page holds. */
export function listClaimRows(
  sql: SqlOrTransaction,
  { vendorNumber, before, limit }: PageRequest & { readonly vendorNumber: bigint },
): Promise<ClaimRow[]> {
  return sql<ClaimRow[]>`
    select c.id, c.number, v.id as vendor_id, c.vendor_number, c.kind, c.registration_id, c.month, c.order_id, c.currency,
           c.amount_milli, c.state, c.refusal_code, c.evidence, c.evidence_sha256, c.accepted_at
    from claim c
    join vendor v on v.number = c.vendor_number
    where c.vendor_number = ${vendorNumber}
      and c.number < ${before}
    order by c.number desc
    limit ${limit + 1}
  `;
}

/** What a claim for a registration depends on. */
export interface ClaimedRegistration {
  readonly terminalNumber: bigint;
  readonly product: string;
  readonly registeredAt: Date;
  readonly endedAt: Date | null;
}

/** Locks a registration of a vendor until the transaction ends, so that two claims for it are decided one after the other. */
export async function lockRegistration(
  tx: Transaction,
  { id, vendorNumber }: { readonly id: string; readonly vendorNumber: bigint },
): Promise<ClaimedRegistration | undefined> {
  const [row] = await tx<ClaimedRegistration[]>`
    select terminal_number, product, registered_at, ended_at
    from registration
    where id = ${id}
      and vendor_number = ${vendorNumber}
    for no key update
  `;
  return row;
}

/** Lets one transaction at a time decide about a terminal's months for a product: it may have been registered several times. */
export async function lockMonths(
  tx: Transaction,
  vendorNumber: bigint,
  { terminalNumber, product }: ClaimedRegistration,
): Promise<void> {
  const name = `taika license-months ${vendorNumber} ${terminalNumber} ${product}`;
  await tx`select pg_advisory_xact_lock(hashtextextended(${name}, 0))`;
}

/** Whether a fee was accrued for this registration. */
export async function isRegistrationClaimed(tx: Transaction, registrationId: string): Promise<boolean> {
  const rows = await tx`
    select id
    from claim
    where registration_id = ${registrationId}
      and month is null
      and kind = 'license-fee'
      and state = 'accrued'
  `;
  return rows.length > 0;
}

/** Whether a fee was accrued for this month of a terminal's work for a product of the vendor, by whichever registration. */
export async function isMonthClaimed(
  tx: Transaction,
  {
    vendorNumber,
    terminalNumber,
    product,
    month,
  }: {
    readonly vendorNumber: bigint;
    readonly terminalNumber: bigint;
    readonly product: string;
    readonly month: string;
  },
): Promise<boolean> {
  const rows = await tx`
    select c.id
    from claim c
    join registration r on r.id = c.registration_id
    where r.terminal_number = ${terminalNumber}
      and r.vendor_number = ${vendorNumber}
      and r.product = ${product}
      and c.month = ${month}
      and c.kind = 'license-fee'
      and c.state = 'accrued'
  `;
  return rows.length > 0;
}
