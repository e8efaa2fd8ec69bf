import type { Transaction } from '@taika/database/connect';
import { inTransaction } from '@taika/database/transaction';
import { faultPoint } from '@taika/runtime/fault-points';
import { uuidv7 } from '@taika/runtime/identifiers';
import type { StepOutcome } from '@taika/runtime/loop';
import { jobTotals } from '../billing/job-limit.ts';
import { priceOf } from '../billing/price.ts';
import type { DispatchContext } from '../context.ts';
import { correctionCredit } from './correction-credit.ts';
import {
  type CorrectedJob,
  hasCorrectionToCredit,
  lockCorrectedJob,
  markCredited,
} from './correction-queries.ts';
import { correctionReason } from './correction-reason.ts';
import { creditableNet } from './credit-note.ts';
import { writeCreditNote } from './issue-credit-note.ts';
import { lockInvoice } from './queries.ts';

type CreditContext = Pick<DispatchContext, 'sql' | 'clock' | 'random' | 'log' | 'contractor'>;

/**
 * A step of a loop: credits one job whose results were found wrong after its invoice, when its corrected merge is
 * published. The customer pays for the right results' fuel at most: less fuel is credited, more is the contractor's cost.
 * Note and mark are one transaction, so a crash leaves both or neither.
 */
export async function creditCorrectionStep(context: CreditContext): Promise<StepOutcome> {
  if (!(await hasCorrectionToCredit(context.sql))) {
    return 'idle';
  }
  faultPoint('credit-due');
  return inTransaction(context.sql, async (tx) => {
    const job = await lockCorrectedJob(tx);
    if (job === undefined) {
      return 'idle';
    }
    const creditNoteNumber = await creditJob(tx, context, job);
    await markCredited(tx, { jobNumber: job.jobNumber, creditNoteNumber, now: context.clock.now() });
    faultPoint('correction-credited');
    return 'again';
  });
}

/** Gives the row's number of the note; undefined where nothing is to be credited. */
async function creditJob(
  tx: Transaction,
  context: CreditContext,
  job: CorrectedJob,
): Promise<bigint | undefined> {
  const { rate, corrected, invoicedFuel, invoiceNetMilli, correctedNetMilli, maxPriceMilli } = job;
  const invoice = await lockInvoice(tx, job.invoiceId);
  if (invoice === undefined) {
    throw new Error(`Job ${job.jobId} is invoiced and has no invoice.`);
  }
  const right = jobTotals(priceOf(corrected.fuel, rate), {
    taxBasisPoints: rate.taxBasisPoints,
    maxPriceMilli: maxPriceMilli ?? 0n,
  });
  const net =
    invoice.voidId === null
      ? correctionCredit({
          invoicedNet: invoiceNetMilli,
          rightNet: right.net,
          creditedForCorrections: correctedNetMilli,
          creditable: creditableNet(invoice),
        })
      : 0n;
  if (net === 0n) {
    return undefined;
  }
  const { clock, random, log } = context;
  const creditNoteId = uuidv7(clock.now(), random);
  const number = await writeCreditNote(tx, context, invoice, {
    creditNoteId,
    reason: correctionReason({ ...corrected, invoicedFuel }),
    net,
    correction: corrected,
  });
  log.info({ job: job.jobId, creditNote: creditNoteId }, 'A corrected job was credited.');
  return number;
}
