import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { CreditNoteText } from '@taika/protocol/dispatch/credits';
import type { InvoiceText } from '@taika/protocol/dispatch/money';
import type { DocumentFormatText } from '@taika/protocol/documents';
import type { CreditNoteId, InvoiceId } from '@taika/protocol/schema';
import type { Command } from 'commander';
import { moneyText } from './amounts.ts';
import { CommandError } from './command-error.ts';
import {
  addDocumentSearch,
  type DocumentSearchFlags,
  type DocumentSearchText,
  documentFormatOf,
  documentLanguageOf,
  documentSearchOf,
} from './document-flags.ts';
import { checkOutput, writeOutput } from './output-file.ts';
import { type Column, table } from './table.ts';

type Search = DocumentSearchText & { readonly number?: string; readonly counterparty?: string };
type Form = { readonly format: DocumentFormatText; readonly lang: 'ja' | 'en' };

/** Where invoices and credit notes come from: a customer's own, or everybody's for the operator. */
export interface Papers {
  invoices(search: Search): AsyncIterable<InvoiceText>;
  creditNotes(search: Search): AsyncIterable<CreditNoteText>;
  invoiceFile(id: InvoiceId, form: Form): AsyncIterable<Uint8Array>;
  creditNoteFile(id: CreditNoteId, form: Form): AsyncIterable<Uint8Array>;
}

/** Flags of `invoices`. */
export interface ListPapersFlags extends DocumentSearchFlags {
  readonly json?: boolean;
  readonly creditNotes?: boolean;
  readonly counterparty?: string;
  readonly pdf?: string | boolean;
  readonly xml?: string | boolean;
  readonly csv?: string | boolean;
  readonly lang?: string;
}

/** Flags of `invoice NUMBER`. */
export interface WritePaperFlags {
  readonly json?: boolean;
  readonly output?: string;
  readonly lang?: string;
}

/** Adds what `listPapers` reads. */
export function addListPapersFlags(command: Command): Command {
  return addDocumentSearch(
    command.option('--credit-notes', 'credit notes, which correct invoices, in place of invoices', false),
  )
    .option('--pdf [folder]', 'write each as PDF')
    .option('--xml [folder]', 'write each as UBL 2.1 in the form of JP PINT')
    .option('--csv [folder]', 'write each as CSV')
    .option('--lang <ja|en>', 'language of labels; default: as LC_ALL, LC_MESSAGES or LANG says');
}

/** Adds what `writePaper` reads. */
export function addWritePaperFlags(command: Command): Command {
  return command
    .option('-o, --output <file>', '.pdf, .xml, .csv or .json; default: NUMBER.pdf; - is standard output')
    .option('--lang <ja|en>', 'language of labels; default: as LC_ALL, LC_MESSAGES or LANG says');
}

/** `invoices`: lists invoices or, with `--credit-notes`, credit notes; with `--pdf`, `--xml` or `--csv` writes them as files too. */
export async function listPapers(connect: () => Promise<Papers>, flags: ListPapersFlags): Promise<void> {
  const { counterparty } = flags;
  const search = { ...documentSearchOf(flags), ...(counterparty === undefined ? {} : { counterparty }) };
  // Read before anything is fetched: a wrong one costs nobody a wait.
  const lang = documentLanguageOf(flags.lang);
  const papers = await connect();
  if (flags.creditNotes === true) {
    const notes = await Array.fromAsync(papers.creditNotes(search));
    const files = await writeAll(notes, flags, (note, format) =>
      papers.creditNoteFile(note.creditNoteId, { format, lang }),
    );
    show(flags, { creditNotes: notes }, files, () =>
      notes.length === 0 ? 'No credit notes here: no invoice was corrected.' : table(notes, noteColumns),
    );
    return;
  }
  const invoices = await Array.fromAsync(papers.invoices(search));
  const files = await writeAll(invoices, flags, (invoice, format) =>
    papers.invoiceFile(invoice.invoiceId, { format, lang }),
  );
  show(flags, { invoices }, files, () => {
    if (invoices.length === 0) return 'No invoices here. An invoice follows each finished job.';
    const hasVoid = invoices.some(({ voidedAt }) => voidedAt !== undefined);
    const listed = table(invoices, hasVoid ? [...invoiceColumns, stateColumn] : invoiceColumns);
    const areCredited = invoices.some(({ credited }) => credited !== undefined);
    return areCredited ? `${listed}\nSome were corrected: --credit-notes lists by what.` : listed;
  });
}

/** `invoice NUMBER`: one invoice or credit note as a file. The name of the file says the format. */
export async function writePaper(
  connect: () => Promise<Papers>,
  number: string,
  flags: WritePaperFlags & { readonly remedy: string },
): Promise<void> {
  const file = flags.output ?? `${number}.pdf`;
  const format = file === '-' ? 'pdf' : documentFormatOf(file, formats);
  const form = { format, lang: documentLanguageOf(flags.lang) };
  await checkOutput(file);
  const papers = await connect();
  const [invoice] = await Array.fromAsync(papers.invoices({ number }));
  const [creditNote] = invoice === undefined ? await Array.fromAsync(papers.creditNotes({ number })) : [];
  if (invoice !== undefined) {
    await writeOutput(papers.invoiceFile(invoice.invoiceId, form), file);
  } else if (creditNote !== undefined) {
    await writeOutput(papers.creditNoteFile(creditNote.creditNoteId, form), file);
  } else {
    throw new CommandError(`There is no invoice ${number}, and no credit note.`, {
      code: 'not-found',
      remedy: flags.remedy,
    });
  }
  if (flags.json === true) {
    console.log(JSON.stringify({ ...(invoice === undefined ? { creditNote } : { invoice }), file }));
  } else if (file !== '-') {
    console.log(`Written: ${file}`);
  }
}

const formats = ['pdf', 'xml', 'csv', 'json'] as const;

const invoiceColumns: readonly Column<InvoiceText>[] = [
  { heading: 'number', text: (invoice) => invoice.number },
  { heading: 'issued', text: (invoice) => invoice.issuedAt.slice(0, 10) },
  { heading: 'for', text: (invoice) => invoice.lines.map((line) => line.description).join(', ') },
  { heading: 'net', text: (invoice) => moneyText(invoice.net), right: true },
  { heading: 'tax', text: (invoice) => moneyText(invoice.tax), right: true },
  { heading: 'total', text: (invoice) => moneyText(invoice.total), right: true },
];

/** Shown where one was taken back: empty for an invoice that counts. */
const stateColumn: Column<InvoiceText> = {
  heading: 'state',
  text: ({ voidedAt }) => (voidedAt === undefined ? '' : `void since ${voidedAt.slice(0, 10)}`),
};

const noteColumns: readonly Column<CreditNoteText>[] = [
  { heading: 'number', text: (note) => note.number },
  { heading: 'issued', text: (note) => note.issuedAt.slice(0, 10) },
  { heading: 'of invoice', text: (note) => note.invoiceNumber },
  { heading: 'total', text: (note) => moneyText(note.total), right: true },
  { heading: 'why', text: (note) => note.reason },
];

/** Writes each into the folders that the flags name; gives the files. */
async function writeAll<Paper extends { readonly number: string; readonly voidedAt?: string }>(
  listed: readonly Paper[],
  flags: ListPapersFlags,
  bytesOf: (paper: Paper, format: 'pdf' | 'xml' | 'csv') => AsyncIterable<Uint8Array>,
): Promise<string[]> {
  const files: string[] = [];
  for (const format of ['pdf', 'xml', 'csv'] as const) {
    const wanted = flags[format];
    if (wanted === undefined || wanted === false) continue;
    const folder = typeof wanted === 'string' ? wanted : '.';
    await mkdir(folder, { recursive: true });
    for (const paper of listed) {
      if (format === 'xml' && paper.voidedAt !== undefined) {
        // Refused by the server; the others are wanted all the same.
        console.error(`${paper.number} is void: it has no XML.`);
        continue;
      }
      const file = join(folder, `${paper.number}.${format}`);
      await writeOutput(bytesOf(paper, format), file);
      files.push(file);
    }
  }
  return files;
}

function show(
  { json }: ListPapersFlags,
  listed: Readonly<Record<string, readonly unknown[]>>,
  files: readonly string[],
  text: () => string,
): void {
  if (json === true) {
    console.log(JSON.stringify(files.length === 0 ? Object.values(listed)[0] : { ...listed, files }));
    return;
  }
  console.log(text());
  for (const file of files) console.log(`Written: ${file}`);
}
