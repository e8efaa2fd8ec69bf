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
import { creditableNet, creditTotals } from './credit-note.ts';
import {
  type CorrectedWork,
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

/** A credit note as it is to be written. */
export interface NoteToWrite {
  readonly creditNoteId: string;
  readonly reason: string;
  /** Before tax, in whole coins, and no more than can still be credited. */
  readonly net: bigint;
  /** Of results that were found wrong; absent on an operator's note. */
  readonly correction?: CorrectedWork | undefined;
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
    await writeCreditNote(tx, context, invoice, { ...wanted, net: checkNet(invoice, wantedNet) });
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

/** Books and stores a credit note, in the transaction that locked its invoice; gives its row's number. */
export async function writeCreditNote(
  tx: Transaction,
  { clock, contractor }: Pick<DispatchContext, 'clock' | 'contractor'>,
  invoice: InvoiceToCorrect,
  { creditNoteId, reason, net: wantedNet, correction }: NoteToWrite,
): Promise<bigint> {
  const { customerId, customerNumber, currency } = invoice;
  const { net, tax, total } = creditTotals(wantedNet, invoice);
  await lockCustomer(tx, customerId);
  const owed = await readOwed(tx, { customerNumber, currency });
  const toDeposit = owed < total ? total - owed : 0n;
  const issuedAt = clock.now();
  const customer = String(customerNumber);
  const outcome = await post(tx, {
    idempotencyKey: `credit-note:${creditNoteId}`,
    event: 'customer-credited',
    command: {
      note: creditNoteId,
      invoice: invoice.documentNumber,
      customer,
      net,
      tax,
      ...(correction === undefined ? {} : { correctedFuel: correction.fuel }),
    },
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
  const number = await insertCreditNote(tx, {
    id: creditNoteId,
    documentNumber,
    invoiceNumber: invoice.number,
    customerNumber,
    issuedAt,
    currency,
    netMilli: net,
    taxMilli: tax,
    totalMilli: total,
    depositMilli: toDeposit,
    reason,
    correction,
  });
  await noteParties(tx, { documentId: creditNoteId, customerNumber, contractor });
  return number;
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
