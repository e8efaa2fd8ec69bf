import type { SqlOrTransaction } from '@taika/database/connect';

/** A row of `webhook` with how the newest message fared. */
export interface WebhookRow {
  readonly url: string;
  readonly secret: Uint8Array;
  readonly setAt: Date;
  readonly attempts: number | null;
  readonly lastOutcome: string | null;
  readonly deliveredAt: Date | null;
}

/** Sets where a customer is told; a secret that is there already stays. */
export async function upsertWebhook(
  sql: SqlOrTransaction,
  webhook: {
    readonly customerNumber: bigint;
    readonly url: string;
    readonly secret: Uint8Array;
    readonly now: Date;
  },
): Promise<void> {
  await sql`
    insert into webhook (customer_number, url, secret, set_at)
    values (${webhook.customerNumber}, ${webhook.url}, ${Buffer.from(webhook.secret)}, ${webhook.now})
    on conflict (customer_number) do update
    set url = excluded.url
  `;
}

export async function findWebhook(
  sql: SqlOrTransaction,
  customerNumber: bigint,
): Promise<WebhookRow | undefined> {
  const [row] = await sql<WebhookRow[]>`
    select url, secret, set_at, newest.attempts, newest.last_outcome, newest.delivered_at
    from webhook
    left join lateral (
      select attempts, last_outcome, delivered_at
      from webhook_delivery
      where webhook_delivery.customer_number = webhook.customer_number
      order by job_number desc
      limit 1
    ) newest on true
    where webhook.customer_number = ${customerNumber}
  `;
  return row;
}

/** Ends the telling; messages that were not taken yet are dropped. */
export async function deleteWebhook(sql: SqlOrTransaction, customerNumber: bigint): Promise<void> {
  await sql`
    with dropped as (
      update webhook_delivery
      set next_at = null,
          last_outcome = 'the webhook was removed'
      where customer_number = ${customerNumber}
        and next_at is not null
    )
    delete from webhook
    where customer_number = ${customerNumber}
  `;
}

/** Notes messages for jobs that ended since their customer set a webhook. One that is done waits for its invoice, so that the message names it. */
export async function insertDeliveries(sql: SqlOrTransaction, now: Date): Promise<void> {
  await sql`
    insert into webhook_delivery (job_number, id, customer_number, next_at)
    select job.number, gen_random_uuid(), job.customer_number, ${now}
    from webhook
    join job on job.customer_number = webhook.customer_number
    where job.parent_number is null
      and job.data_deleted_at is null
      and job.ended_at >= webhook.set_at
      and job.ended_at > ${now}::timestamptz - interval '7 days'
      and (job.state <> 'done' or job.invoice_number is not null)
      and not exists (select from webhook_delivery where job_number = job.number)
    limit 1000
    on conflict (job_number) do nothing
  `;
}

/** A message that is due. */
export interface DueDelivery {
  readonly jobNumber: bigint;
  readonly jobId: string;
  readonly id: string;
  readonly customerNumber: bigint;
  readonly attempts: number;
  readonly url: string;
  readonly secret: Uint8Array;
}

/**
 * Takes the oldest messages that are due, one a customer, for as long as an attempt may last: another replica takes others
 * meanwhile.
 */
export function takeDeliveries(
  sql: SqlOrTransaction,
  { now, untilAt, limit }: { readonly now: Date; readonly untilAt: Date; readonly limit: number },
): Promise<DueDelivery[]> {
  return sql<DueDelivery[]>`
    with oldest as (
      select job_number
      from (
        select distinct on (customer_number) job_number, next_at
        from webhook_delivery
        where next_at <= ${now}
        order by customer_number, next_at
      ) each
      order by next_at
      limit ${limit}
    ),
    due as (
      select job_number
      from webhook_delivery
      where job_number in (select job_number from oldest)
        and next_at <= ${now}
      for update skip locked
    ),
    taken as (
      update webhook_delivery
      set attempts = attempts + 1,
          next_at = ${untilAt}
      from due
      where webhook_delivery.job_number = due.job_number
      returning webhook_delivery.job_number, webhook_delivery.id, webhook_delivery.customer_number, attempts
    )
    select taken.job_number, job.id as job_id, taken.id, taken.customer_number, taken.attempts, webhook.url, webhook.secret
    from taken
    join job on job.number = taken.job_number
    join webhook on webhook.customer_number = taken.customer_number
  `;
}

/** Notes how an attempt ended. */
export async function recordAttempt(
  sql: SqlOrTransaction,
  attempt: {
    readonly jobNumber: bigint;
    readonly outcome: string;
    readonly deliveredAt: Date | null;
    readonly nextAt: Date | null;
  },
): Promise<void> {
  await sql`
    update webhook_delivery
    set last_outcome = ${attempt.outcome},
        delivered_at = ${attempt.deliveredAt},
        next_at = ${attempt.nextAt}
    where job_number = ${attempt.jobNumber}
      and next_at is not null
  `;
}
