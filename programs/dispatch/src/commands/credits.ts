import { moneyText } from '@taika/cli/amounts';
import { CommandError } from '@taika/cli/command-error';
import type { Caller } from '@taika/http/call';
import { issueCreditNote, voidInvoice as voidRoute } from '@taika/protocol/dispatch/credits';
import { listInvoices } from '@taika/protocol/dispatch/money';
import type { CreditNoteId, InvoiceId, VoidId } from '@taika/protocol/schema';
import { isUuid, uuidv7 } from '@taika/runtime/identifiers';
import { systemRandom } from '@taika/runtime/random';
import type { Answer } from './contractor.ts';
import { readAmount } from './funds.ts';

/** Flags of what corrects an invoice. */
export interface CreditFlags {
  readonly reason: string;
  /** Before tax; without it all that is left. */
  readonly net?: string;
  /** Names the event, so that a command that is repeated after a failure does it once. */
  readonly id?: string;
}

/** `credit-note`: corrects an invoice. */
export async function addCreditNote(
  server: Caller,
  { json }: Answer,
  { reason, net, id }: CreditFlags,
  invoice: string,
): Promise<void> {
  const note = await server.call(issueCreditNote, {
    params: { creditNoteId: (id ?? uuidv7(new Date(), systemRandom)) as CreditNoteId },
    body: {
      invoiceId: await findInvoiceId(server, invoice),
      reason,
      ...(net === undefined ? {} : { net: await readAmount(server, net, '--net') }),
    },
  });
  if (json) {
    console.log(JSON.stringify({ creditNote: note }));
    return;
  }
  console.log(
    `${note.number} credits ${moneyText(note.total)} of ${note.invoiceNumber} (${moneyText(note.tax)} of it tax).`,
  );
  if (note.toDeposit.amountMilli !== '0') {
    console.log(`${moneyText(note.toDeposit)} of it were paid and are on the customer’s deposit.`);
  }
}

/** `void-invoice`: takes an invoice back. */
export async function voidInvoice(
  server: Caller,
  { json }: Answer,
  { reason, id }: CreditFlags,
  invoice: string,
): Promise<void> {
  const done = await server.call(voidRoute, {
    params: { voidId: (id ?? uuidv7(new Date(), systemRandom)) as VoidId },
    body: { invoiceId: await findInvoiceId(server, invoice), reason },
  });
  console.log(json ? JSON.stringify({ void: done }) : `${invoice} is void: nothing is owed for it.`);
}

/** An invoice by its id, or by its number as printed. */
async function findInvoiceId(server: Caller, invoice: string): Promise<InvoiceId> {
  if (isUuid(invoice)) {
    return invoice as InvoiceId;
  }
  const [found] = (await server.call(listInvoices, { query: { number: invoice } })).items;
  if (found === undefined) {
    throw new CommandError(`There is no invoice ${invoice}.`, {
      code: 'not-found',
      remedy: 'Give its number as printed, such as INV-2026-000001, or its id.',
    });
  }
  return found.invoiceId;
}
