import { Readable } from 'node:stream';
import type { Sql } from '@taika/database/connect';
import { ApiError } from '@taika/http/api-error';
import type { RouteHandler } from '@taika/http/declare-route';
import { readDocumentSearch } from '@taika/http/document-search';
import { readPageRequest } from '@taika/http/page';
import { accountKind } from '@taika/ledger/account';
import { type Closing, type ClosingBalance, closingBalances, listClosings } from '@taika/ledger/close-month';
import { accountStatement, commoditiesOf, type Span } from '@taika/ledger/entries';
import {
  closeMonth,
  exportJournal,
  listClosings as listClosingsRoute,
  readAccount,
  readClosing,
  verifyBooks,
} from '@taika/protocol/books';
import type { Route } from '@taika/protocol/route';
import { closeBooks } from './close-books.ts';
import { journalCsv } from './export-journal.ts';
import type { OwnBooks } from './own-books.ts';
import { verifyWholeBook } from './verify-books.ts';

/** How a server declares a route. Whom it admits is for the server's own router to see to. */
export type Declare = <R extends Route>(route: R, handler: RouteHandler<R, unknown>) => void;

/** The routes about a company's own ledger, for its operator. */
export function registerLedgerRoutes(declare: Declare, books: OwnBooks): void {
  const { sql } = books;

  declare(readAccount, async ({ params: { account }, query }) => {
    const commodity = query.commodity ?? (await onlyCommodity(sql, account));
    checkAccount(account);
    const { after, limit } = readPageRequest(query);
    const { side, opening, entries } = await accountStatement(sql, {
      account,
      commodity,
      ...spanOf(query),
      after,
      limit: limit + 1,
    });
    const shown = entries.slice(0, limit);
    const last = shown.at(-1);
    return {
      account,
      commodity,
      side,
      opening,
      entries: shown.map(({ journalId, ...entry }) => ({ journal: journalId, ...entry })),
      ...(entries.length > limit && last !== undefined ? { next: String(last.journalId) } : {}),
    };
  });

  declare(verifyBooks, async () => {
    const verdict = await verifyWholeBook(sql, await books.keptHeads());
    if (verdict.kind === 'intact') {
      const { head, witnesses } = verdict;
      const disputed = verdict.disputed.map(({ counterparty, day, position }) => ({
        counterparty,
        day,
        position,
      }));
      return { verdict: 'intact' as const, head, witnesses, ...(disputed.length === 0 ? {} : { disputed }) };
    }
    const { position, commandId, problem, witnesses } = verdict;
    return {
      verdict: 'broken' as const,
      witnesses,
      broken: { position, problem, ...(commandId === undefined ? {} : { command: commandId }) },
    };
  });

  declare(listClosingsRoute, async () => ({ items: (await listClosings(sql)).map(toClosing) }));

  declare(readClosing, async ({ params: { month } }) => {
    const closing = (await listClosings(sql)).find((each) => each.month === month);
    if (closing === undefined) {
      throw new ApiError('not-found', `${month} is not closed.`);
    }
    return { closing: toClosing(closing), accounts: (await closingBalances(sql, month)).map(toBalance) };
  });

  declare(closeMonth, async ({ params: { month } }) => toClosing(await closeBooks(books, month)));

  declare(exportJournal, ({ query, reply }) =>
    reply
      .type('text/csv; charset=utf-8')
      .header('content-disposition', 'attachment; filename="journal.csv"')
      .send(Readable.from(journalCsv(sql, spanOf(query)))),
  );
}

/** The days of a query; everything where it names none. */
function spanOf(query: { readonly from?: string | undefined; readonly to?: string | undefined }): Span {
  const { from, before } = readDocumentSearch({ from: query.from, to: query.to });
  return { from: from ?? new Date(0), before: before ?? endOfTime };
}

const endOfTime = new Date('9999-12-31T00:00:00Z');

/** The commodity of an account that has one, for a caller who named none. */
async function onlyCommodity(sql: Sql, account: string): Promise<string> {
  const commodities = await commoditiesOf(sql, account);
  const [first, ...others] = commodities;
  if (first === undefined) {
    throw new ApiError('not-found', `Nothing was ever booked on "${account}".`);
  }
  if (others.length > 0) {
    throw new ApiError(
      'bad-request',
      `"${account}" is kept in ${commodities.join(' and ')}: say which "commodity".`,
    );
  }
  return first;
}

function checkAccount(account: string): void {
  try {
    accountKind(account);
  } catch (error) {
    throw new ApiError('not-found', (error as Error).message, { cause: error });
  }
}

function toClosing({ month, journals, head, closedAt }: Closing) {
  return { month, journals, head, closedAt };
}

/** A balance below zero on its normal side stands on the other one. */
function toBalance({ account, commodity, side, posted }: ClosingBalance) {
  const debit = side === 'debit' ? posted : -posted;
  return { account, commodity, debit: debit > 0n ? debit : 0n, credit: debit < 0n ? -debit : 0n };
}
