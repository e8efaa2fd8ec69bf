import { writeFile } from 'node:fs/promises';
import { amountText } from '@taika/cli/amounts';
import { booksText } from '@taika/cli/books-text';
import { table } from '@taika/cli/table';
import {
  closeMonth,
  exportJournal,
  listClosings,
  readAccount,
  readClosing,
  verifyBooks,
} from '@taika/protocol/books';
import { readBooks } from '@taika/protocol/dispatch/money';
import type { ReplyOf } from '@taika/protocol/route';
import { readVendorBooks } from '@taika/protocol/vendor/services';
import type { BooksCaller } from './connect-books.ts';

/** `trial-balance`: of now, or of the end of a closed month. Exit code 1 when anything is wrong in the books. */
export async function trialBalance(
  { at, caller }: BooksCaller,
  { json, month }: { readonly json: boolean; readonly month: string | undefined },
): Promise<void> {
  if (month !== undefined) {
    const closed = await caller.call(readClosing, { params: { month } });
    console.log(
      json
        ? JSON.stringify(closed)
        : `${booksText({ ...closed, defects: [] })}\n${closingText(closed.closing)}`,
    );
    return;
  }
  const books = await caller.call(at === 'dispatch' ? readBooks : readVendorBooks);
  if (books.defects.length > 0) {
    process.exitCode = 1;
  }
  console.log(json ? JSON.stringify(books) : booksText(books));
}

/** `statement ACCOUNT`: each posting with the balance after it. */
export async function accountStatement(
  { caller }: BooksCaller,
  wanted: {
    readonly account: string;
    readonly commodity: string | undefined;
    readonly from: string | undefined;
    readonly to: string | undefined;
    readonly json: boolean;
  },
): Promise<void> {
  const { account, json, ...given } = wanted;
  const query = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  const params = { account };
  const first = await caller.call(readAccount, { params, query });
  const entries = [...first.entries];
  for (let next = first.next; next !== undefined; ) {
    const page: ReplyOf<typeof readAccount> = await caller.call(readAccount, {
      params,
      query: { ...query, after: next },
    });
    entries.push(...page.entries);
    next = page.next;
  }
  if (json) {
    const { next: _more, ...statement } = first;
    console.log(JSON.stringify({ ...statement, entries }));
    return;
  }
  const shown = (amount: bigint) => amountText(first.commodity, String(amount));
  let balance = BigInt(first.opening);
  const rows = entries.map((entry) => {
    balance += BigInt(entry.change);
    return { ...entry, balance };
  });
  console.log(
    `${account} grows on the ${first.side} side. At the beginning: ${shown(BigInt(first.opening))}`,
  );
  console.log(
    table(rows, [
      { heading: 'at', text: ({ at }) => at.slice(0, 19).replace('T', ' ') },
      { heading: 'journal', text: ({ journal }) => journal, right: true },
      { heading: 'event', text: ({ event }) => event },
      { heading: 'key', text: ({ key }) => key },
      { heading: 'change', text: ({ change }) => shown(BigInt(change)), right: true },
      { heading: 'balance', text: (row) => shown(row.balance), right: true },
    ]),
  );
}

/** `verify`: exit code 1 and the first broken row where the chain is not what was sealed. */
export async function verify({ caller }: BooksCaller, { json }: { readonly json: boolean }): Promise<void> {
  const found = await caller.call(verifyBooks);
  if (found.verdict === 'broken') {
    process.exitCode = 1;
  }
  console.log(json ? JSON.stringify(found) : verdictText(found));
}

/** `close-month MONTH`. */
export async function close(
  { caller }: BooksCaller,
  { month, json }: { readonly month: string; readonly json: boolean },
): Promise<void> {
  const closing = await caller.call(closeMonth, { params: { month } });
  console.log(json ? JSON.stringify(closing) : closingText(closing));
}

/** `closings`. */
export async function closings({ caller }: BooksCaller, { json }: { readonly json: boolean }): Promise<void> {
  const { items } = await caller.call(listClosings);
  if (json) {
    console.log(JSON.stringify(items));
  } else {
    console.log(items.length === 0 ? 'No month is closed.' : items.map(closingText).join('\n'));
  }
}

/** `export`: the journal as CSV, to a file or to standard output. */
export async function exportCsv(
  { caller }: BooksCaller,
  wanted: {
    readonly from: string | undefined;
    readonly to: string | undefined;
    readonly output: string | undefined;
  },
): Promise<void> {
  const { from, to, output } = wanted;
  const query = { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
  const { body } = await caller.open(exportJournal, { query });
  if (body === null) {
    throw new Error('An export has a body.');
  }
  if (output === undefined || output === '-') {
    for await (const chunk of body) {
      process.stdout.write(chunk);
    }
    return;
  }
  await writeFile(output, body);
  console.log(`Written: ${output}`);
}

function verdictText({
  verdict,
  head,
  witnesses,
  disputed = [],
  broken,
}: ReplyOf<typeof verifyBooks>): string {
  if (verdict === 'intact') {
    return [
      `The chain is intact: ${head?.position} commands, head ${head?.hash}. Compared with ${witnesses} kept heads.`,
      ...disputed.map(
        ({ counterparty, day, position }) =>
          `${counterparty} stated on ${day} that it keeps another head at position ${position}, which our statements never gave it. ` +
          'Ask for the signed statement that gave it: with it, this book was changed or restored from a backup; without it, the claim is false.',
      ),
    ].join('\n');
  }
  const command = broken?.command === undefined ? '' : ` (command ${broken.command})`;
  return [
    `BROKEN at position ${broken?.position}${command}: ${broken?.problem}.`,
    'Everything before it is as it was sealed. Compare the row with a backup; docs/LEDGER.md says how.',
  ].join('\n');
}

function closingText({ month, journals, head, closedAt }: ReplyOf<typeof closeMonth>): string {
  return `${month} was closed at ${closedAt}: ${journals} journals, chain ${head.position} ${head.hash}`;
}
