import {
  addListPapersFlags,
  addWritePaperFlags,
  type ListPapersFlags,
  listPapers,
  type Papers,
  type WritePaperFlags,
  writePaper,
} from '@taika/cli/papers';
import type { Caller } from '@taika/http/call';
import { readAll } from '@taika/http/read-all';
import { listCreditNotes, readCreditNoteFile } from '@taika/protocol/dispatch/credits';
import { listInvoices, readInvoiceFile } from '@taika/protocol/dispatch/money';
import type { Command } from 'commander';
import type { Step } from './contractor.ts';

/** Adds `invoices` and `invoice`: everybody's invoices and credit notes, found and written as files. */
export function addPaperCommands(
  define: <F>(name: string, description: string, step: Step<F>) => Command,
): void {
  addListPapersFlags(
    define<ListPapersFlags>(
      'invoices',
      'List invoices of all customers, or with --credit-notes what corrects them; write them as files.',
      (server, answer, flags) => listPapers(async () => papersOf(server), { ...flags, ...answer }),
    ),
  ).option('--counterparty <customer>', 'part of the customer’s name, or its id');
  addWritePaperFlags(
    define<WritePaperFlags>(
      'invoice',
      'Write one invoice or credit note to a file.',
      (server, answer, flags, number) =>
        writePaper(async () => papersOf(server), number, {
          ...flags,
          ...answer,
          remedy: 'List them with `taika contractor invoices`, with --credit-notes too.',
        }),
    ),
  ).argument('<number>', 'As it is printed, such as INV-2026-000001 or CN-2026-000001.');
}

function papersOf(server: Caller): Papers {
  return {
    async *invoices(search) {
      yield* await readAll((after) => server.call(listInvoices, { query: { ...search, ...after } }));
    },
    async *creditNotes(search) {
      yield* await readAll((after) => server.call(listCreditNotes, { query: { ...search, ...after } }));
    },
    async *invoiceFile(invoiceId, { format, lang }) {
      const params = { invoiceId, format };
      const { body } = await server.open(readInvoiceFile, { params, query: { lang } });
      if (body !== null) yield* body;
    },
    async *creditNoteFile(creditNoteId, { format, lang }) {
      const params = { creditNoteId, format };
      const { body } = await server.open(readCreditNoteFile, { params, query: { lang } });
      if (body !== null) yield* body;
    },
  };
}
