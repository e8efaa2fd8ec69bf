import type { Transaction } from '@taika/database/connect';
import { inTransaction } from '@taika/database/transaction';
import { ApiError } from '@taika/http/api-error';
import { accountCode } from '@taika/ledger/account';
import { findPostings } from '@taika/ledger/queries';
import { reverse } from '@taika/ledger/reverse';
import type { DispatchContext } from '../context.ts';
import { lockCustomer } from '../funds/queries.ts';
import { readOwed } from '../funds/read-funds.ts';
import { findJournalOf, type InvoiceToCorrect, insertVoid, lockInvoice } from './queries.ts';

/** What the operator wants voided. */
export interface WantedVoid {
  readonly voidId: string;
  readonly invoiceId: string;
  readonly reason: string;
}

/**
 * Takes an invoice back that its customer has neither seen nor paid: its journal is reversed, its number stays. A repeated
 * call changes nothing. Throws `wrong-state` where only a credit note will do.
 */
export function voidInvoice(context: DispatchContext, wanted: WantedVoid): Promise<void> {
  return inTransaction(context.sql, async (tx) => {
    const invoice = await lockInvoice(tx, wanted.invoiceId);
    if (invoice === undefined) {
      throw new ApiError('not-found', 'There is no invoice with this id.');
    }
    if (invoice.voidId === wanted.voidId) {
      return;
    }
    await lockCustomer(tx, invoice.customerId);
    const journalId = await findJournalOf(tx, `job:${invoice.jobId}:invoice`);
    const problem = await whyNot(tx, invoice, journalId);
    if (problem !== undefined) {
      throw new ApiError('wrong-state', `${invoice.documentNumber} ${problem}`);
    }
    const voidedAt = context.clock.now();
    if (journalId !== undefined) {
      const outcome = await reverse(tx, {
        idempotencyKey: `invoice:${wanted.invoiceId}:void`,
        event: 'invoice-voided',
        command: { invoice: invoice.documentNumber, reason: wanted.reason },
        at: voidedAt,
        journalId,
      });
      if (outcome.kind !== 'posted') {
        throw new Error(`${invoice.documentNumber} could not be reversed: ${outcome.kind}.`);
      }
    }
    await insertVoid(tx, {
      invoiceNumber: invoice.number,
      id: wanted.voidId,
      reason: wanted.reason,
      voidedAt,
    });
  });
}

async function whyNot(
  tx: Transaction,
  { voidId, credits, isDelivered, customerNumber, currency, totalMilli }: InvoiceToCorrect,
  journalId: bigint | undefined,
): Promise<string | undefined> {
  const instead = 'Issue a credit note.';
  if (voidId !== null) {
    return 'is void already.';
  }
  if (credits > 0n) {
    return 'was credited already. Credit the rest.';
  }
  if (isDelivered) {
    return `was fetched by its customer. ${instead}`;
  }
  const deposit = accountCode.deposit(String(customerNumber));
  const postings = journalId === undefined ? [] : await findPostings(tx, journalId);
  if (postings.some(({ code }) => code === deposit)) {
    return `was paid from the deposit. ${instead}`;
  }
  return (await readOwed(tx, { customerNumber, currency })) < totalMilli ? `was paid. ${instead}` : undefined;
}
