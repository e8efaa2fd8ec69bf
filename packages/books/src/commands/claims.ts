import { writeFile } from 'node:fs/promises';
import { moneyText } from '@taika/cli/amounts';
import { CommandError } from '@taika/cli/command-error';
import { type DocumentSearchText, documentFormatOf, documentLanguageOf } from '@taika/cli/document-flags';
import { misused, readMoney } from '@taika/cli/read-amounts';
import { table } from '@taika/cli/table';
import { derivedId } from '@taika/crypto/derived-id';
import { readAll } from '@taika/http/read-all';
import {
  type ClaimDocumentId,
  type ClaimDocumentText,
  listClaimDocuments,
  payVendor,
  prepareClaimDocument,
  readClaimDocumentFile,
  settleDispute,
} from '@taika/protocol/dispatch/claim-documents';
import type { ReplyOf } from '@taika/protocol/route';
import type { Id, VendorId } from '@taika/protocol/schema';
import { readVendorAbout } from '@taika/protocol/vendor/catalogue';
import {
  disputeEvent,
  listReceivedClaims,
  readReceivedClaimFile,
  recordContractorPayment,
} from '@taika/protocol/vendor/claim-documents';
import { uuidv7 } from '@taika/runtime/identifiers';
import { systemRandom } from '@taika/runtime/random';
import type { BooksCaller } from './connect-books.ts';

/** `claims`: self-billed claims, those that are searched for; with a number its lines, and with an output its file. */
export async function claims(
  books: BooksCaller,
  wanted: {
    readonly search: DocumentSearchText;
    readonly counterparty: string | undefined;
    readonly number: string | undefined;
    readonly output: string | undefined;
    readonly lang: string | undefined;
    readonly json: boolean;
  },
): Promise<void> {
  const { search, counterparty, number, output, lang, json } = wanted;
  if (counterparty !== undefined) {
    onlyAt(
      books.at,
      'dispatch',
      'All claims that a vendor receives are the contractor’s: leave --counterparty out.',
    );
  }
  if (number === undefined) {
    const documents = await listDocuments(books, {
      ...search,
      ...(counterparty === undefined ? {} : { counterparty }),
    });
    console.log(json ? JSON.stringify(documents) : documentsText(documents));
    return;
  }
  const document = await findDocument(books, number);
  if (output !== undefined) {
    const params = {
      documentId: (correctionOf(document, number) ?? document).documentId,
      format: documentFormatOf(output, ['pdf', 'xml', 'csv', 'json']),
    };
    const query = { lang: documentLanguageOf(lang) };
    const route = books.at === 'dispatch' ? readClaimDocumentFile : readReceivedClaimFile;
    const response = await books.caller.open(route, { params, query });
    await writeFile(output, new Uint8Array(await response.arrayBuffer()));
    console.log(json ? JSON.stringify({ file: output }) : `Written: ${output}`);
    return;
  }
  console.log(json ? JSON.stringify(document) : linesText(document));
}

/** `prepare-claims VENDOR`: a document now, in place of waiting for the month’s end. */
export async function prepareClaims(
  { at, caller }: BooksCaller,
  { vendor, to, json }: { readonly vendor: string; readonly to: string; readonly json: boolean },
): Promise<void> {
  onlyAt(at, 'dispatch', 'The contractor prepares claims; the vendor answers them.');
  const documentId = uuidv7(new Date(), systemRandom) as ClaimDocumentId;
  const body = { vendorId: vendor as VendorId, to };
  const document = await caller.call(prepareClaimDocument, { params: { documentId }, body });
  console.log(json ? JSON.stringify(document) : linesText(document));
}

/** `dispute EVENT`: at the vendor. */
export async function dispute(
  { at, caller }: BooksCaller,
  { event, reason, json }: { readonly event: string; readonly reason: string; readonly json: boolean },
): Promise<void> {
  onlyAt(at, 'vendor', 'A vendor disputes; the contractor settles.');
  const noted = await caller.call(disputeEvent, { params: { event }, body: { reason } });
  console.log(json ? JSON.stringify(noted) : `${event} is disputed: its line will be answered so.`);
}

/** `settle EVENT`: at the contractor, once both agreed. */
export async function settle(
  books: BooksCaller,
  wanted: {
    readonly event: string;
    readonly outcome: string | undefined;
    readonly reason: string;
    readonly json: boolean;
  },
): Promise<void> {
  const { event, outcome, reason, json } = wanted;
  onlyAt(books.at, 'dispatch', 'The contractor settles; a vendor disputes.');
  if (outcome !== 'confirmed' && outcome !== 'cancelled') {
    throw misused(
      `--outcome is "${outcome}".`,
      'Give confirmed (the amount stands) or cancelled (a fee is not owed).',
    );
  }
  const documents = await listDocuments(books);
  const document = documents.find(({ lines }) => lines.some((line) => line.event === event));
  if (document === undefined) {
    throw new CommandError(`No document has ${event}.`, {
      code: 'not-found',
      remedy: 'List them with `taika books claims`.',
    });
  }
  const params = { documentId: document.documentId };
  const settled = await books.caller.call(settleDispute, { params, body: { event, outcome, reason } });
  console.log(json ? JSON.stringify(settled) : linesText(settled));
}

/** `paid`: records a payment, at the contractor to a vendor, at a vendor from the contractor. */
export async function paid(
  { at, caller }: BooksCaller,
  wanted: {
    readonly amount: string;
    readonly vendor: string | undefined;
    readonly reference: string;
    /** Tells apart payments of the same amount and reference. */
    readonly id: string | undefined;
    readonly json: boolean;
  },
): Promise<void> {
  const { vendor, reference, id, json } = wanted;
  const amount = readMoney(wanted.amount, 'the amount');
  if (at === 'dispatch' && vendor === undefined) {
    throw misused('Which vendor was paid?', 'Name it by --vendor; `taika contractor vendors` lists them.');
  }
  const vendorId = at === 'dispatch' ? (vendor ?? '') : (await caller.call(readVendorAbout)).vendorId;
  const params = { paymentId: (id ?? paymentIdOf({ vendorId, amount, reference })) as Id<'payment'> };
  const payment =
    at === 'dispatch'
      ? await caller.call(payVendor, { params, body: { vendorId: vendorId as VendorId, amount, reference } })
      : await caller.call(recordContractorPayment, { params, body: { amount, reference } });
  console.log(json ? JSON.stringify(payment) : paymentText(payment));
}

/** The same payment has the same id in both books and at each repetition, so it is booked once in each, and statements match it. */
function paymentIdOf(payment: {
  readonly vendorId: string;
  readonly amount: { readonly currency: string; readonly amountMilli: string };
  readonly reference: string;
}): string {
  const { vendorId, amount, reference } = payment;
  return derivedId(`payment:${vendorId}:${amount.currency}:${amount.amountMilli}:${reference}`);
}

function paymentText({ amount, reference, paymentId, bookedBefore }: ReplyOf<typeof payVendor>): string {
  const what = `${moneyText(amount)}, ${reference} (${paymentId})`;
  return bookedBefore === true
    ? `Booked before, and not again: ${what}\nAnother payment of this amount needs another --reference, or an --id of its own (a UUID, the same at both companies).`
    : `Booked: ${what}`;
}

function listDocuments(
  { at, caller }: BooksCaller,
  search: DocumentSearchText & { readonly number?: string; readonly counterparty?: string } = {},
): Promise<readonly ClaimDocumentText[]> {
  const route = at === 'dispatch' ? listClaimDocuments : listReceivedClaims;
  return readAll((after) => caller.call(route, { query: { ...search, ...after } }));
}

async function findDocument(books: BooksCaller, number: string): Promise<ClaimDocumentText> {
  const [found] = await listDocuments(books, { number });
  if (found === undefined) {
    throw new CommandError(`There is no claim ${number}.`, {
      code: 'not-found',
      remedy: 'List them with `taika books claims`.',
    });
  }
  return found;
}

function documentsText(documents: readonly ClaimDocumentText[]): string {
  if (documents.length === 0) {
    return 'No claim was prepared yet. One follows each month, for each vendor that is owed something.';
  }
  return table(documents, [
    { heading: 'number', text: ({ number }) => number },
    { heading: 'vendor', text: ({ vendorId }) => vendorId },
    { heading: 'period', text: ({ period }) => `${period.from} – ${period.to}` },
    { heading: 'lines', text: ({ lines }) => String(lines.length), right: true },
    { heading: 'total', text: ({ total }) => moneyText(total), right: true },
    { heading: 'state', text: ({ state }) => state },
  ]);
}

/** The correction with a number, where it is not the claim's own. */
function correctionOf({ corrections = [] }: ClaimDocumentText, number: string) {
  return corrections.find((correction) => correction.number === number);
}

function linesText({ number, lines, state, total, due, corrections = [] }: ClaimDocumentText): string {
  const text = table(lines, [
    { heading: 'event', text: ({ event }) => event },
    { heading: 'kind', text: ({ kind }) => kind },
    { heading: 'amount', text: ({ amount }) => moneyText(amount), right: true },
    { heading: 'state', text: (line) => line.state },
    { heading: 'why', text: ({ reason, outcome }) => [reason, outcome].filter(Boolean).join(' → ') },
  ]);
  const less = corrections.map(
    (each) => `\n${each.number} takes ${moneyText(each.total)} off: ${each.event}`,
  );
  const left = due === undefined || corrections.length === 0 ? '' : `, to be paid: ${moneyText(due)}`;
  return `${number} is ${state}. Total: ${moneyText(total)}${left}${less.join('')}\n${text}`;
}

function onlyAt(at: BooksCaller['at'], where: BooksCaller['at'], sentence: string): void {
  if (at !== where) {
    throw misused(sentence, `Run it with --at ${where}.`);
  }
}
