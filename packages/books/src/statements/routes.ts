import { chooseLocale } from '@taika/documents/choose-format';
import type { Party } from '@taika/documents/document';
import { NotRenderable, renderDocument } from '@taika/documents/render';
import { ApiError } from '@taika/http/api-error';
import { readDocumentSearch } from '@taika/http/document-search';
import { sendMadeFile } from '@taika/http/send-file';
import {
  acceptDifferences,
  listStatements,
  readReconciliation,
  readStatementFile,
  reconcileNow,
} from '@taika/protocol/books';
import type { Declare } from '../routes.ts';
import { listStatedDays } from './queries.ts';
import { acceptDifferences as letStand, reconcile } from './reconcile.ts';
import type { StatementBooks } from './statement-books.ts';
import { statementDocument, statementNumber } from './statement-document.ts';

/** What a server adds to its statements for the operator's routes. */
export interface StatementRoutesOptions {
  readonly books: StatementBooks;
  readonly self: Party;
  /** The other company's name, where its statements do not say it. */
  readonly nameOf: (counterparty: string) => Promise<string>;
  /** Exchanges what is to be exchanged, where this side begins. */
  readonly exchange: () => Promise<void>;
}

/** The operator's routes about statements and about how they match. */
export function registerStatementRoutes(declare: Declare, options: StatementRoutesOptions): void {
  const { books, self, nameOf, exchange } = options;
  const { sql, clock } = books;

  declare(readReconciliation, ({ query }) =>
    reconcile(sql, { counterparty: query.counterparty ?? null, now: clock.now() }),
  );

  declare(reconcileNow, async () => {
    await exchange();
    return reconcile(sql, { counterparty: null, now: clock.now() });
  });

  declare(acceptDifferences, async ({ body: { counterparty, event, reason } }) => ({
    accepted: [...(await letStand(sql, { counterparty, event, reason, now: clock.now() }))],
  }));

  declare(listStatements, async ({ query }) => ({
    items: (await listStatedDays(sql, readDocumentSearch(query))).map(
      ({ isOurs, currency, amount, ...day }) => ({
        ...day,
        number: statementNumber(day.day),
        issuer: isOurs ? ('ours' as const) : ('theirs' as const),
        ...(currency === null ? {} : { total: { currency, amountMilli: amount } }),
      }),
    ),
  }));

  declare(readStatementFile, async ({ params: { day, format }, query, request, reply }) => {
    const { counterparty, lang } = query;
    const now = clock.now();
    const otherName = await nameOf(counterparty);
    const document = await statementDocument(sql, { counterparty, day, now, self, otherName });
    const locale = chooseLocale(lang, request.headers['accept-language']);
    try {
      return sendMadeFile(reply, await renderDocument(document, { format, locale }));
    } catch (error) {
      throw error instanceof NotRenderable
        ? new ApiError('not-renderable', error.message, { cause: error })
        : error;
    }
  });
}
