import type { Transaction } from '@taika/database/connect';
import { inTransaction } from '@taika/database/transaction';
import { formatDocumentNumber, nextDocumentNumber } from '@taika/ledger/document-number';
import { jobInvoicedFromHold } from '@taika/ledger/events';
import { findHoldParts } from '@taika/ledger/hold-queries';
import { captureHold, releaseHold } from '@taika/ledger/resolve-hold';
import type { JobFactor } from '@taika/protocol/trust-prices';
import { uuidv7 } from '@taika/runtime/identifiers';
import type { DispatchContext } from '../context.ts';
import { noteParties } from '../documents/parties.ts';
import { fundAccounts } from '../funds/funds.ts';
import { findRateCard } from '../rates/queries.ts';
import { type JobTotals, jobTotals } from './job-limit.ts';
import { priceOf, rateFor } from './price.ts';
import { type BillableJob, insertInvoice, lockBillableJob } from './queries.ts';

/** What invoicing needs. */
type BillingContext = Pick<DispatchContext, 'sql' | 'clock' | 'random' | 'log' | 'contractor'>;

/**
 * Invoices one job that is done (step 307), or what was delivered of one that failed or was cancelled: price, journal, number and document in one transaction, so a crash leaves
 * either all or nothing, and the job's line can exist once. A step of a loop.
 */
export function issueInvoiceStep(context: BillingContext): Promise<'again' | 'idle'> {
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
  { clock, random, log, contractor }: BillingContext,
  job: BillableJob,
): Promise<void> {
  const card = await findRateCard(tx, job.rateVersion);
  if (card === undefined) {
    throw new Error(`Job ${job.id} names rate card ${job.rateVersion}, which is not there.`);
  }
  const rate = rateFor(card, job);
  const issuedAt = clock.now();
  const { currency, taxBasisPoints } = rate;
  const totals = jobTotals(priceOf(job.fuel, rate), {
    taxBasisPoints,
    maxPriceMilli: job.maxPriceMilli ?? 0n,
  });
  await settle(tx, job, { ...totals, rate, currency, at: issuedAt });
  // Last, because the series is locked from here to the commit.
  const year = issuedAt.getUTCFullYear();
  const documentNumber = formatDocumentNumber(
    { ...series, year },
    await nextDocumentNumber(tx, { ...series, year }),
  );
  const id = uuidv7(issuedAt, random);
  await insertInvoice(tx, {
    id,
    documentNumber,
    customerNumber: job.customerNumber,
    issuedAt,
    currency,
    netMilli: totals.net,
    taxBasisPoints,
    taxMilli: totals.tax,
    totalMilli: totals.total,
    job,
    level: rate.level,
    factorThousandths: rate.factorThousandths,
    amountMilli: totals.amountMilli,
    beyondMilli: totals.beyondMilli,
  });
  await noteParties(tx, { documentId: id, customerNumber: job.customerNumber, contractor });
  log.info({ job: job.id, invoice: documentNumber }, 'A job was invoiced.');
}

/** The invoice takes its total from what was held at acceptance, and the remainder is free again. */
async function settle(
  tx: Transaction,
  job: BillableJob,
  {
    net,
    tax,
    total,
    rate,
    currency,
    at,
  }: JobTotals & {
    readonly rate: JobFactor;
    readonly currency: string;
    readonly at: Date;
  },
): Promise<void> {
  if (job.ledgerHoldId === null) {
    // Nothing may be charged for it, so nothing is.
    return;
  }
  const customer = String(job.customerNumber);
  const header = {
    idempotencyKey: `job:${job.id}:invoice`,
    event: 'job-invoiced',
    command: {
      job: job.id,
      customer,
      fuel: job.fuel,
      rateVersion: job.rateVersion,
      level: rate.level,
      factor: rate.factorThousandths,
      net,
      tax,
    },
    at,
    holdId: job.ledgerHoldId,
  };
  const outcome =
    total === 0n
      ? await releaseHold(tx, header)
      : await captureHold(tx, {
          ...header,
          postings: jobInvoicedFromHold({
            customer,
            net,
            tax,
            currency,
            fromDeposit: await takenFromDeposit(tx, job.ledgerHoldId, {
              customerNumber: job.customerNumber,
              total,
            }),
          }),
        });
  if ((outcome.kind !== 'posted' && outcome.kind !== 'released') || outcome.replayed) {
    throw new Error(`The invoice of job ${job.id} could not be booked: ${outcome.kind}.`);
  }
}

/** What was paid in advance is used first. */
async function takenFromDeposit(
  tx: Transaction,
  holdId: bigint,
  { customerNumber, total }: { readonly customerNumber: bigint; readonly total: bigint },
): Promise<bigint> {
  const [deposit] = fundAccounts(customerNumber);
  const part = (await findHoldParts(tx, [holdId])).find(({ code }) => code === deposit);
  const held = part?.amount ?? 0n;
  return held < total ? held : total;
}
