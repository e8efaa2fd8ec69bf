import type { Transaction } from '@taika/database/connect';
import { inTransaction } from '@taika/database/transaction';
import { formatDocumentNumber, nextDocumentNumber } from '@taika/ledger/document-number';
import { jobInvoiced } from '@taika/ledger/events';
import { post } from '@taika/ledger/post';
import { uuidv7 } from '@taika/runtime/identifiers';
import type { DispatchContext } from '../context.ts';
import { findRateCard } from '../rates/queries.ts';
import { priceOf, totalsOf } from './price.ts';
import { type BillableJob, insertInvoice, lockBillableJob } from './queries.ts';

/**
 * Invoices one job that is done (step 307): price, journal, number and document in one transaction, so a crash leaves
 * either all or nothing, and the job's line can exist once. A step of a loop.
 */
export function issueInvoiceStep(
  context: Pick<DispatchContext, 'sql' | 'clock' | 'random' | 'log'>,
): Promise<'again' | 'idle'> {
  return inTransaction(context.sql, async (tx) => {
    const job = await lockBillableJob(tx);
    if (job === undefined) {
      return 'idle';
    }
    await invoiceJob(tx, context, job);
    return 'again';
  });
}

/** Gapless for the contractor, by year. */
const series = { issuer: 'contractor', series: 'INV' } as const;

async function invoiceJob(
  tx: Transaction,
  { clock, random, log }: Pick<DispatchContext, 'clock' | 'random' | 'log'>,
  job: BillableJob,
): Promise<void> {
  const rate = await findRateCard(tx, job.rateVersion);
  if (rate === undefined) {
    throw new Error(`Job ${job.id} names rate card ${job.rateVersion}, which is not there.`);
  }
  const issuedAt = clock.now();
  const amountMilli = priceOf(job.fuel, rate);
  const { net, tax, total } = totalsOf([amountMilli], rate.taxBasisPoints);
  const customer = String(job.customerNumber);
  const postings = jobInvoiced({ customer, net, tax, currency: rate.currency });
  if (postings.length > 0) {
    const outcome = await post(tx, {
      idempotencyKey: `job:${job.id}:invoice`,
      event: 'job-invoiced',
      command: { job: job.id, customer, fuel: job.fuel, rateVersion: job.rateVersion, net, tax },
      at: issuedAt,
      postings,
    });
    if (outcome.kind !== 'posted' || outcome.replayed) {
      throw new Error(`The invoice of job ${job.id} could not be booked: ${outcome.kind}.`);
    }
  }
  // Last, because the series is locked from here to the commit.
  const year = issuedAt.getUTCFullYear();
  const documentNumber = formatDocumentNumber(
    { ...series, year },
    await nextDocumentNumber(tx, { ...series, year }),
  );
  await insertInvoice(tx, {
    id: uuidv7(issuedAt, random),
    documentNumber,
    customerNumber: job.customerNumber,
    issuedAt,
    currency: rate.currency,
    netMilli: net,
    taxBasisPoints: rate.taxBasisPoints,
    taxMilli: tax,
    totalMilli: total,
    job,
    amountMilli,
  });
  log.info({ job: job.id, invoice: documentNumber }, 'A job was invoiced.');
}
