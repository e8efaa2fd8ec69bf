import type { Transaction } from '@taika/database/connect';
import { inTransaction } from '@taika/database/transaction';
import { ApiError } from '@taika/http/api-error';
import { formatDocumentNumber, nextDocumentNumber } from '@taika/ledger/document-number';
import { customerCredited } from '@taika/ledger/events';
import { COIN, formatMoney } from '@taika/ledger/money';
import { post } from '@taika/ledger/post';
import type { DispatchContext } from '../context.ts';
import { noteParties } from '../documents/parties.ts';
import { checkAmount, type MoneyGiven } from '../funds/check-amount.ts';
import { lockCustomer } from '../funds/queries.ts';
import { readOwed } from '../funds/read-funds.ts';
import { type CreditTotals, creditableNet, creditTotals } from './credit-note.ts';
import {
  type CreditNoteRow,
  findCreditNote,
  type InvoiceToCorrect,
  insertCreditNote,
  lockInvoice,
} from './queries.ts';

/** What the operator wants credited. */
export interface WantedCreditNote {
  readonly creditNoteId: string;
  readonly invoiceId: string;
  /** Before tax, in whole coins; without it all that was not credited yet. */
  readonly net?: MoneyGiven | undefined;
  readonly reason: string;
}

/** Gapless for the contractor, by year. */
const series = { issuer: 'contractor', series: 'CN' } as const;

/**
 * Corrects an invoice. What the customer still owes is lessened first; what it has paid goes to its deposit. A repeated
 * call gives the first answer. Throws `conflict` when more would be credited than was invoiced.
 */
export function issueCreditNote(context: DispatchContext, wanted: WantedCreditNote): Promise<CreditNoteRow> {
  const wantedNet = wanted.net === undefined ? undefined : checkAmount(context, wanted.net, COIN);
  return inTransaction(context.sql, async (tx) => {
    const invoice = await lockInvoice(tx, wanted.invoiceId);
    if (invoice === undefined) {
      throw new ApiError('not-found', 'There is no invoice with this id.');
    }
    const known = await findCreditNote(tx, { id: wanted.creditNoteId });
    if (known !== undefined) {
      return sameOrConflict(known, wanted, wantedNet);
    }
    const totals = creditTotals(checkNet(invoice, wantedNet), invoice);
    await credit(tx, context, { invoice, wanted, totals });
    const stored = await findCreditNote(tx, { id: wanted.creditNoteId });
    if (stored === undefined) {
      throw new Error('A credit note was stored and is not there.');
    }
    return stored;
  });
}

function checkNet(invoice: InvoiceToCorrect, wantedNet: bigint | undefined): bigint {
  if (invoice.voidId !== null) {
    throw new ApiError('conflict', `${invoice.documentNumber} is void: there is nothing to credit.`);
  }
  const left = creditableNet(invoice);
  const net = wantedNet ?? left;
  if (net % COIN !== 0n) {
    throw new ApiError('bad-request', 'A credit note is in whole coins.');
  }
  if (net <= 0n || net > left) {
    const { currency } = invoice;
    throw new ApiError(
      'conflict',
      `Of ${invoice.documentNumber} ${formatMoney(left, currency)} ${currency} before tax can still be credited.`,
    );
  }
  return net;
}

async function credit(
  tx: Transaction,
  { clock, contractor }: DispatchContext,
  { invoice, wanted, totals }: { invoice: InvoiceToCorrect; wanted: WantedCreditNote; totals: CreditTotals },
): Promise<void> {
  const { customerId, customerNumber, currency } = invoice;
  const { net, tax, total } = totals;
  await lockCustomer(tx, customerId);
  const owed = await readOwed(tx, { customerNumber, currency });
  const toDeposit = owed < total ? total - owed : 0n;
  const issuedAt = clock.now();
  const customer = String(customerNumber);
  const outcome = await post(tx, {
    idempotencyKey: `credit-note:${wanted.creditNoteId}`,
    event: 'customer-credited',
    command: { note: wanted.creditNoteId, invoice: invoice.documentNumber, customer, net, tax },
    at: issuedAt,
    postings: customerCredited({ customer, net, tax, currency, toDeposit }),
  });
  if (outcome.kind !== 'posted') {
    throw new ApiError('idempotency-conflict', 'This id was used for another credit note.');
  }
  // Last, because the series is locked from here to the commit.
  const year = issuedAt.getUTCFullYear();
  const documentNumber = formatDocumentNumber(
    { ...series, year },
    await nextDocumentNumber(tx, { ...series, year }),
  );
  await insertCreditNote(tx, {
    id: wanted.creditNoteId,
    documentNumber,
    invoiceNumber: invoice.number,
    customerNumber,
    issuedAt,
    currency,
    netMilli: net,
    taxMilli: tax,
    totalMilli: total,
    depositMilli: toDeposit,
    reason: wanted.reason,
  });
  await noteParties(tx, { documentId: wanted.creditNoteId, customerNumber, contractor });
}

function sameOrConflict(
  known: CreditNoteRow,
  wanted: WantedCreditNote,
  wantedNet: bigint | undefined,
): CreditNoteRow {
  const isSame =
    known.invoiceId === wanted.invoiceId &&
    known.reason === wanted.reason &&
    (wantedNet === undefined || known.netMilli === wantedNet);
  if (!isSame) {
    throw new ApiError('idempotency-conflict', 'This id was used for another credit note.');
  }
  return known;
}
