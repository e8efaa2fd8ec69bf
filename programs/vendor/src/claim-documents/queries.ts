import type { Sql, Transaction } from '@taika/database/connect';

/** What our own book knows of an event, and what our operator says of it. */
export interface KnownEvent {
  readonly event: string;
  /** Null where our book has no such event. */
  readonly amount: bigint | null;
  readonly disputeReason: string | null;
  /** Of a license-month: the hash of our evidence, and the hours that it counts. */
  readonly evidenceSha256?: string | null;
  readonly leaseHours?: number | null;
  readonly isGivenUp: boolean;
}

/** What is known of events, in no order. */
export async function findKnownEvents(sql: Sql, events: readonly string[]): Promise<Map<string, KnownEvent>> {
  const rows = await sql<KnownEvent[]>`
    select wanted.event, e.amount, d.reason as dispute_reason, g.event is not null as is_given_up, c.evidence_sha256,
           bit_count(m.hours)::int as lease_hours
    from json_array_elements_text(${JSON.stringify(events)}::text::json) wanted(event)
    left join own_event e on e.event = wanted.event
    left join claim c
      on c.kind = 'license-fee'
      and c.month is not null
      and wanted.event = 'license-month:' || c.registration_id || ':' || c.month
    left join lateral (
      select bit_or(hours) as hours
      from license_month
      where registration_id = c.registration_id
        and month = c.month
    ) m on true
    left join dispute d on d.event = wanted.event
    left join given_up g on g.event = wanted.event
  `;
  return new Map(rows.map((row) => [row.event, row]));
}

/** Notes a dispute; a later reason takes the place of an earlier one. */
export async function upsertDispute(
  sql: Sql,
  { event, reason, now }: { readonly event: string; readonly reason: string; readonly now: Date },
): Promise<{ readonly event: string; readonly reason: string; readonly notedAt: Date }> {
  const [row] = await sql<{ event: string; reason: string; notedAt: Date }[]>`
    insert into dispute (event, reason, noted_at)
    values (${event}, ${reason}, ${now})
    on conflict (event) do update set reason = excluded.reason, noted_at = excluded.noted_at
    returning event, reason, noted_at
  `;
  if (row === undefined) {
    throw new Error('A dispute that was noted is there.');
  }
  return row;
}

/** Notes that a fee is given up. False where it was before. */
export async function insertGivenUp(
  tx: Transaction,
  row: {
    readonly event: string;
    readonly currency: string;
    readonly amountMilli: bigint;
    readonly now: Date;
  },
): Promise<boolean> {
  const { count } = await tx`
    insert into given_up (event, currency, amount_milli, given_up_at)
    values (${row.event}, ${row.currency}, ${row.amountMilli}, ${row.now})
    on conflict do nothing
  `;
  return count === 1;
}

/** Notes tax and rounding of a claim. False where they were before. */
export async function insertClaimTotal(
  tx: Transaction,
  row: {
    readonly event: string;
    readonly currency: string;
    readonly taxMilli: bigint;
    readonly roundingMilli: bigint;
    readonly now: Date;
  },
): Promise<boolean> {
  const { count } = await tx`
    insert into claim_total (event, currency, tax_milli, rounding_milli, booked_at)
    values (${row.event}, ${row.currency}, ${row.taxMilli}, ${row.roundingMilli}, ${row.now})
    on conflict do nothing
  `;
  return count === 1;
}

/** Lets one transaction at a time book a payment of the contractor. */
export function lockContractorPayments(tx: Transaction): Promise<unknown> {
  return tx`select pg_advisory_xact_lock(hashtextextended('contractor payments', 0))`;
}

/** Notes a payment of the contractor, so that statements have it. */
export async function insertContractorPayment(
  tx: Transaction,
  payment: {
    readonly paymentId: string;
    readonly currency: string;
    readonly amountMilli: bigint;
    readonly reference: string;
    readonly at: Date;
  },
): Promise<void> {
  await tx`
    insert into contractor_payment (id, currency, amount_milli, reference, booked_at)
    values (${payment.paymentId}, ${payment.currency}, ${payment.amountMilli}, ${payment.reference}, ${payment.at})
  `;
}
