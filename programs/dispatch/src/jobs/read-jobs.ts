import { ApiError } from '@taika/http/api-error';
import type { Sendable } from '@taika/http/check-reply';
import { type PageRequest, toPage } from '@taika/http/page';
import type { JobViewText } from '@taika/protocol/dispatch/jobs';
import { findInvoiceIdsOfJobs } from '../billing/queries.ts';
import type { DispatchContext } from '../context.ts';
import { findRateCard, type RateCardRow } from '../rates/queries.ts';
import { toJobView } from './job-view.ts';
import { findJobView, type JobViewRow, listJobViews } from './view-queries.ts';

/** Which job, and who asks. */
export interface JobWanted {
  readonly jobId: string;
  readonly customerNumber: bigint;
}

/** A job's view. Throws ApiError `not-found` for a job that is not this customer's. */
export async function readJob(
  { sql, clock }: Pick<DispatchContext, 'sql' | 'clock'>,
  wanted: JobWanted,
): Promise<Sendable<JobViewText>> {
  const row = await findJobView(sql, wanted);
  if (row === undefined) {
    throw new ApiError('not-found', 'You have no job with this id.');
  }
  return (await viewsOf({ sql, clock }, [row]))[0] as Sendable<JobViewText>;
}

/** A page of a customer's jobs. */
export async function listJobs(
  { sql, clock }: Pick<DispatchContext, 'sql' | 'clock'>,
  customerNumber: bigint,
  page: PageRequest,
): Promise<{ items: Sendable<JobViewText>[]; next?: string }> {
  const { items, next } = toPage(await listJobViews(sql, { customerNumber, ...page }), page, (row) => row);
  const views = await viewsOf({ sql, clock }, items);
  return next === undefined ? { items: views } : { items: views, next };
}

async function viewsOf(
  { sql, clock }: Pick<DispatchContext, 'sql' | 'clock'>,
  rows: readonly JobViewRow[],
): Promise<Sendable<JobViewText>[]> {
  const invoices = await findInvoiceIdsOfJobs(
    sql,
    rows.map(({ number }) => number),
  );
  const rates = new Map<number, RateCardRow>();
  for (const version of new Set(rows.map(({ rateVersion }) => rateVersion))) {
    const rate = await findRateCard(sql, version);
    if (rate !== undefined) {
      rates.set(version, rate);
    }
  }
  return rows.map((row) => {
    const rate = rates.get(row.rateVersion);
    if (rate === undefined) {
      throw new Error(`Job ${row.id} names rate card ${row.rateVersion}, which is not there.`);
    }
    return toJobView(row, { rate, now: clock.now(), invoiceId: invoices.get(row.number) });
  });
}
