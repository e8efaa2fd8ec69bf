import { moneyText } from '@taika/cli/amounts';
import { booksText } from '@taika/cli/books-text';
import { type Column, table } from '@taika/cli/table';
import type { Caller } from '@taika/http/call';
import { readAll } from '@taika/http/read-all';
import { readBooks } from '@taika/protocol/dispatch/money';
import {
  listCustomers as listCustomersRoute,
  listTerminals as listTerminalsRoute,
  listVendors as listVendorsRoute,
} from '@taika/protocol/dispatch/parties';
import { monthOf } from '../vendors/license-terms.ts';
import type { Answer } from './contractor.ts';
import { feeText } from './enrol.ts';

/** Lists customers. */
export async function listCustomers(server: Caller, answer: Answer): Promise<void> {
  const rows = await readAll((after) => server.call(listCustomersRoute, { query: { ...after } }));
  show(answer, rows, 'customers', [
    { heading: 'customer', text: (row) => row.customerId },
    { heading: 'name', text: (row) => row.name },
    { heading: 'since', text: (row) => row.createdAt.slice(0, 10) },
  ]);
}

/** Lists vendors. */
export async function listVendors(server: Caller, answer: Answer): Promise<void> {
  const rows = await readAll((after) => server.call(listVendorsRoute, { query: { ...after } }));
  show(answer, rows, 'vendors', [
    { heading: 'vendor', text: (row) => row.vendorId },
    { heading: 'name', text: (row) => row.name },
    { heading: 'license fee', text: ({ licenseFee }) => moneyText(licenseFee.fee), right: true },
    { heading: 'per', text: ({ licenseFee }) => licenseFee.kind.replace('per-', '') },
    {
      heading: 'and for',
      text: ({ productFees = [], productTerms = [] }) =>
        [
          ...productFees.map((rule) => `${rule.product}: ${feeText(rule)}`),
          ...productTerms
            .filter(isToCome)
            .map((rule) => `${rule.product} from ${rule.from}: ${feeText(rule)}`),
        ].join('; '),
    },
  ]);
}

/** Terms that were agreed for a month that has not begun. */
function isToCome({ from = '' }: { readonly from?: string }): boolean {
  return from > monthOf(new Date());
}

/** Lists terminals. */
export async function listTerminals(server: Caller, answer: Answer): Promise<void> {
  const rows = await readAll((after) => server.call(listTerminalsRoute, { query: { ...after } }));
  show(answer, rows, 'terminals', [
    { heading: 'terminal', text: (row) => row.terminalId },
    { heading: 'name', text: (row) => row.name },
    { heading: 'role', text: (row) => row.role },
    { heading: 'state', text: (row) => row.state },
    { heading: 'last seen', text: (row) => row.lastSeenAt?.slice(0, 19).replace('T', ' ') ?? 'never' },
    { heading: 'units out', text: (row) => String(row.unitsOut), right: true },
  ]);
}

/** Shows the trial balance. Exit code 1 when anything is wrong in the books. */
export async function showBooks(server: Caller, { json }: Answer): Promise<void> {
  const books = await server.call(readBooks);
  if (books.defects.length > 0) {
    process.exitCode = 1;
  }
  if (json) {
    console.log(JSON.stringify(books));
    return;
  }
  console.log(booksText(books));
}

function show<Row>(
  { json }: Answer,
  rows: readonly Row[],
  name: string,
  columns: readonly Column<Row>[],
): void {
  console.log(
    json ? JSON.stringify({ [name]: rows }) : rows.length === 0 ? `No ${name} yet.` : table(rows, columns),
  );
}
