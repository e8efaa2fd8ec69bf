import type { PublicJwk } from '@taika/crypto/keys';
import type { Caller } from '@taika/http/call';
import { exchangeStatement, readStatementPart } from '@taika/protocol/dispatch/statements';
import { acceptStatement } from './accept-statement.ts';
import { produceStatement } from './produce-statement.ts';
import { findFirstEventDay, findLastDay } from './queries.ts';
import { dayMs, dayOf, lastStatedDay, type StatementBooks, startOfDay } from './statement-books.ts';

/** How the contractor is called in statements. */
export const contractorId = 'contractor';

/**
 * A vendor's part: states the next day that is over and that was not exchanged, and keeps the contractor's statement of it. A
 * step of a loop; a crash between two calls is mended by the same calls again.
 */
export async function exchangeNextDay(
  books: StatementBooks,
  contractor: { readonly caller: Caller; readonly key: () => Promise<PublicJwk> },
): Promise<'again' | 'idle'> {
  const { sql, clock, self } = books;
  const last = lastStatedDay(clock.now());
  const day = await nextDay(books, last);
  if (day > last) {
    return 'idle';
  }
  const ours = await produceStatement(books, { counterparty: contractorId, day });
  const key = await contractor.key();
  let parts = 1;
  for (const statement of ours) {
    const params = { day, part: String(statement.body.part) };
    const reply = await contractor.caller.call(exchangeStatement, { params, body: statement });
    parts = reply.body.parts;
  }
  // The first part last: the day counts as exchanged once all are there.
  for (let part = parts; part >= 1; part--) {
    const statement = await contractor.caller.call(readStatementPart, {
      params: { day, part: String(part) },
    });
    const now = clock.now();
    await acceptStatement(sql, { statement, counterparty: contractorId, key, self, day, part, now });
  }
  return 'again';
}

/** The day after the last one that was exchanged; else that of the first event, else yesterday. */
async function nextDay({ sql }: StatementBooks, last: string): Promise<string> {
  const exchanged = await findLastDay(sql, { counterparty: contractorId, isOurs: false });
  if (exchanged !== undefined) {
    return dayOf(new Date(startOfDay(exchanged).getTime() + dayMs));
  }
  return (await findFirstEventDay(sql, contractorId)) ?? last;
}
