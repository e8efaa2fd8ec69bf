import { canonicalJson } from '@taika/crypto/canonical-json';
import { sha256HexSync } from '@taika/crypto/node-digest';
import type { Sql, Transaction } from '@taika/database/connect';
import type { PageRequest } from '@taika/http/page';
import { fromBits, type LicenseEvidenceText } from '@taika/protocol/license-evidence';
import type { ReasonText } from '@taika/protocol/schema';

/** A claim on the contractor as its row has it. */
export interface ClaimRow {
  readonly id: string;
  readonly number: bigint;
  readonly kind: 'license-fee' | 'discount' | 'refund';
  readonly registrationId: string | null;
  readonly month: string | null;
  readonly orderId: string | null;
  readonly currency: string;
  readonly amountMilli: bigint;
  readonly state: 'pending' | 'accrued' | 'refused';
  readonly reason: ReasonText | null;
  readonly attempts: number;
  readonly evidence: LicenseEvidenceText | null;
  readonly evidenceSha256: string | null;
  readonly at: Date;
}

/** Something that a fee may be due for. */
export interface FeeEvent {
  readonly registrationId: string;
  readonly month: string | null;
  readonly product: string;
  /** The month whose terms decide: the license-month, or that of the registration. */
  readonly termsMonth: string;
}

/** Months in UTC whose events are looked for: the first included, the last not, or all from the first on. */
export interface FeePeriod {
  readonly product: string;
  readonly fromMonth: string;
  readonly beforeMonth: string | null;
}

/** The products that fees are claimed for. */
export async function listApplications(sql: Sql): Promise<readonly string[]> {
  const rows = await sql<{ name: string }[]>`
    select name
    from product
    where kind = 'application'
    order by name
  `;
  return rows.map(({ name }) => name);
}

/** Applications that were registered in these months, whose key the agent stored, and that no fee was claimed for yet. */
export async function listUnclaimedRegistrations(
  sql: Sql,
  { periods, limit }: { readonly periods: readonly FeePeriod[]; readonly limit: number },
): Promise<readonly FeeEvent[]> {
  return await sql<FeeEvent[]>`
    select r.id as registration_id, null as month, r.product, registered.month as terms_month
    from registration r
    cross join lateral (select to_char(r.registered_at at time zone 'UTC', 'YYYY-MM') collate "C" as month) registered
    join ${recordsOf(sql, periods)}
      on p.product = r.product
      and p.from_month <= registered.month
      and (p.before_month is null or p.before_month > registered.month)
    where r.acknowledged_at is not null
      and not exists (select from claim c where c.registration_id = r.id and c.kind = 'license-fee' and c.month is null)
    order by r.number
    limit ${limit}
  `;
}

/**
 * License-months of these periods before a month that were served and computed for, and that no fee was claimed for yet. The fee is the
 * registration's whose hours were counted, which need not be the license's own. Before, it was claimed for the license's: such a
 * claim, unless it was refused, stands for the month, and is told by no month having been counted for its registration.
 *
 * A terminal's month is paid once for a product, however often it was registered: the first registration's is claimed, and another's
 * only once that was refused.
 */
export async function listUnclaimedMonths(
  sql: Sql,
  {
    periods,
    month,
    limit,
  }: { readonly periods: readonly FeePeriod[]; readonly month: string; readonly limit: number },
): Promise<readonly FeeEvent[]> {
  return await sql<FeeEvent[]>`
    select distinct on (m.month, r.thumbprint, r.product) r.id as registration_id, m.month, r.product, m.month as terms_month
    from license_month m
    join registration r on r.id = m.registration_id
    join license l on l.id = m.license_id
    join ${recordsOf(sql, periods)}
      on p.product = r.product
      and p.from_month <= m.month
      and (p.before_month is null or p.before_month > m.month)
    where m.month < ${month}
      and not exists (
        select
        from claim c
        where c.registration_id = m.registration_id
          and c.kind = 'license-fee'
          and c.month = m.month
      )
      and not exists (
        select
        from registration other
        join claim c on c.registration_id = other.id
        where other.thumbprint = r.thumbprint
          and other.product = r.product
          and c.kind = 'license-fee'
          and c.month = m.month
          and c.state <> 'refused'
      )
      and not exists (
        select
        from claim c
        where c.registration_id = l.registration_id
          and c.kind = 'license-fee'
          and c.month = m.month
          and c.state <> 'refused'
          and not exists (
            select
            from license_month own
            where own.registration_id = c.registration_id
              and own.month = c.month
          )
      )
    order by m.month, r.thumbprint, r.product, r.number
    limit ${limit}
  `;
}

function recordsOf(sql: Sql, periods: readonly FeePeriod[]) {
  const records = periods.map(({ product, fromMonth, beforeMonth }) => ({
    product,
    from_month: fromMonth,
    before_month: beforeMonth,
  }));
  return sql`json_to_recordset(${JSON.stringify(records)}::text::json) as p(product text, from_month text, before_month text)`;
}

/** What we know of a license-month ourselves. */
export interface OwnEvidence {
  readonly registrationId: string;
  readonly product: string;
  readonly month: string;
  /** Hours served, in hexadecimal. */
  readonly hours: string;
}

/** The evidence behind a claim for a month, of all licenses whose hours are counted for its registration; undefined for any other. */
export async function readOwnEvidence(
  sql: Sql,
  { registrationId, month }: Pick<ClaimRow, 'registrationId' | 'month'>,
): Promise<OwnEvidence | undefined> {
  const [row] = await sql<(OwnEvidence & { bits: string })[]>`
    select r.id as registration_id, r.product, m.month, bit_or(m.hours)::text as bits
    from license_month m
    join registration r on r.id = m.registration_id
    where r.id = ${registrationId}
      and m.month = ${month}
    group by r.id, r.product, m.month
  `;
  return row === undefined ? undefined : { ...row, hours: fromBits(row.bits) };
}

/** Notes that a fee is to be claimed; nothing happens where it is noted already. */
export async function insertFeeClaim(
  sql: Sql,
  row: Pick<FeeEvent, 'registrationId' | 'month'> & {
    readonly id: string;
    readonly currency: string;
    readonly amountMilli: bigint;
    readonly now: Date;
  },
): Promise<void> {
  await sql`
    insert into claim (id, kind, registration_id, month, currency, amount_milli, state, at, next_attempt_at)
    values (
      ${row.id}, 'license-fee', ${row.registrationId}, ${row.month}, ${row.currency}, ${row.amountMilli}, 'pending',
      ${row.now}, ${row.now}
    )
    on conflict do nothing
  `;
}

/** The contractor owes what was taken off an order: its capture was the claim. */
export async function insertDiscountClaim(
  tx: Transaction,
  row: {
    readonly id: string;
    readonly orderId: string;
    readonly currency: string;
    readonly amountMilli: bigint;
    readonly now: Date;
  },
): Promise<void> {
  await tx`
    insert into claim (id, kind, order_id, currency, amount_milli, state, at, settled_at)
    values (
      ${row.id}, 'discount', ${row.orderId}, ${row.currency}, ${row.amountMilli}, 'accrued', ${row.now}, ${row.now}
    )
  `;
}

/** The contractor owes less: it gave points of an order back. The amount is below zero, and the id the refund's. */
export async function insertRefundClaim(
  tx: Transaction,
  row: {
    readonly id: string;
    readonly orderId: string;
    readonly currency: string;
    readonly amountMilli: bigint;
    readonly now: Date;
  },
): Promise<void> {
  await tx`
    insert into claim (id, kind, order_id, currency, amount_milli, state, at, settled_at)
    values (
      ${row.id}, 'refund', ${row.orderId}, ${row.currency}, ${row.amountMilli}, 'accrued', ${row.now}, ${row.now}
    )
  `;
}

/** Claims that the contractor has not answered yet and that are due. */
export async function listPendingClaims(sql: Sql, now: Date, limit: number): Promise<readonly ClaimRow[]> {
  return await sql<ClaimRow[]>`
    select id, number, kind, registration_id, month, order_id, currency, amount_milli, state, reason, attempts,
           evidence, evidence_sha256, at
    from claim
    where state = 'pending'
      and next_attempt_at <= ${now}
    order by next_attempt_at
    limit ${limit}
  `;
}

/** The contractor's answer. Zero rows: another replica wrote it first. */
export async function settleClaim(
  tx: Transaction,
  row: {
    readonly id: string;
    readonly state: 'accrued' | 'refused';
    readonly currency: string;
    readonly amountMilli: bigint;
    readonly reason: ReasonText | undefined;
    readonly evidence?: LicenseEvidenceText | undefined;
    readonly now: Date;
  },
): Promise<boolean> {
  const { evidence } = row;
  const rows = await tx`
    update claim
    set state = ${row.state},
        currency = ${row.currency},
        amount_milli = ${row.amountMilli},
        reason = ${row.reason === undefined ? null : tx.json({ ...row.reason })},
        evidence = ${evidence === undefined ? null : tx.json(evidence)},
        evidence_sha256 = ${evidence === undefined ? null : sha256HexSync(canonicalJson(evidence))},
        settled_at = ${row.now},
        next_attempt_at = null
    where id = ${row.id}
      and state = 'pending'
    returning id
  `;
  return rows.length === 1;
}

/** The contractor did not answer. */
export async function markUnanswered(
  sql: Sql,
  row: { readonly id: string; readonly reason: ReasonText; readonly nextAttemptAt: Date },
): Promise<void> {
  await sql`
    update claim
    set reason = ${sql.json({ ...row.reason })},
        attempts = attempts + 1,
        next_attempt_at = ${row.nextAttemptAt}
    where id = ${row.id}
      and state = 'pending'
  `;
}

/** All claims, newest first. */
export async function listClaimRows(sql: Sql, { before, limit }: PageRequest): Promise<readonly ClaimRow[]> {
  return await sql<ClaimRow[]>`
    select id, number, kind, registration_id, month, order_id, currency, amount_milli, state, reason, attempts,
           evidence, evidence_sha256, at
    from claim
    where number < ${before}
    order by number desc
    limit ${limit + 1}
  `;
}
