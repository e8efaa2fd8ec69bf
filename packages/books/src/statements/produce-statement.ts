import { inTransaction } from '@taika/database/transaction';
import { ApiError } from '@taika/http/api-error';
import type { StatementBodyText, StatementText } from '@taika/protocol/statements';
import { sealEverything } from '../verify-books.ts';
import {
  findKeptHead,
  insertStatement,
  listStatementParts,
  listUnstatedEvents,
  lockStatements,
  type StatementRow,
} from './queries.ts';
import { signStatement, spellingOf } from './signed-statement.ts';
import { dayMs, lastStatedDay, type StatementBooks, startOfDay } from './statement-books.ts';

/** Lines that one part holds at most: 1.5 MB, well within a request's body. */
const linesMax = 5_000;

/**
 * Our statement of a day, in its parts: made once, and the same for ever. It has every event up to the end of the day that no
 * earlier one has. Throws `wrong-state` for a day that is not over.
 */
export async function produceStatement(
  books: StatementBooks,
  { counterparty, day }: { readonly counterparty: string; readonly day: string },
): Promise<readonly StatementText[]> {
  const { sql, clock, self, party, key } = books;
  const stored = await listStatementParts(sql, { counterparty, day, isOurs: true });
  if (stored.length > 0) {
    return stored.map(toStatement);
  }
  const now = clock.now();
  if (day > lastStatedDay(now)) {
    throw new ApiError('wrong-state', `${day} is not over: a day is stated an hour after its end, in UTC.`);
  }
  // The head covers every event that is stated below, because those are older.
  const head = await sealEverything(sql);
  return inTransaction(sql, async (tx) => {
    await lockStatements(tx, counterparty);
    const meanwhile = await listStatementParts(tx, { counterparty, day, isOurs: true });
    if (meanwhile.length > 0) {
      return meanwhile.map(toStatement);
    }
    const before = new Date(startOfDay(day).getTime() + dayMs);
    const events = await listUnstatedEvents(tx, { counterparty, before });
    const witness = await findKeptHead(tx, counterparty);
    const parts = Math.max(1, Math.ceil(events.length / linesMax));
    const statements: StatementText[] = [];
    for (let part = 1; part <= parts; part++) {
      const lines = events.slice((part - 1) * linesMax, part * linesMax);
      const body: StatementBodyText = {
        issuer: self,
        counterparty,
        day,
        part,
        parts,
        party,
        lines: lines.map(({ amount, ...line }) => ({ ...line, amount: String(amount) })),
        head: { position: String(head.position), hash: head.hash },
        ...(witness === undefined
          ? {}
          : { witness: { position: String(witness.position), hash: witness.hash } }),
      };
      const statement = await signStatement(body, { key, now });
      const spelling = spellingOf(body);
      await insertStatement(tx, {
        counterparty,
        day,
        isOurs: true,
        part,
        parts,
        body: spelling,
        token: statement.token,
        witness: undefined,
        storedAt: now,
        lines,
      });
      statements.push(toStatement({ part, parts, body: spelling, token: statement.token }));
    }
    return statements;
  });
}

/** A stored statement as it travels. */
export function toStatement({ body, token }: StatementRow): StatementText {
  return { body: JSON.parse(body) as StatementBodyText, token };
}
