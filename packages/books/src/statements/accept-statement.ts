import type { PublicJwk } from '@taika/crypto/keys';
import type { Sql } from '@taika/database/connect';
import { inTransaction } from '@taika/database/transaction';
import { ApiError } from '@taika/http/api-error';
import type { StatementText } from '@taika/protocol/statements';
import { insertStatement, listStatedBefore, listStatementParts, lockStatements } from './queries.ts';
import { checkStatement, spellingOf } from './signed-statement.ts';

/** Who gives which statement to whom. */
export interface GivenStatement {
  readonly statement: StatementText;
  /** How the issuer is called, and the key that it signs with. */
  readonly counterparty: string;
  readonly key: PublicJwk;
  readonly self: string;
  readonly day: string;
  readonly part: number;
  readonly now: Date;
}

/**
 * Keeps another company's statement, word for word. The same one again changes nothing; another one for the same day and part,
 * or an event that was stated before, is refused: what was stated stays. Amounts are not judged here.
 */
export async function acceptStatement(sql: Sql, given: GivenStatement): Promise<void> {
  const { statement, counterparty, key, self, day, part, now } = given;
  await checkStatement(statement, { issuer: counterparty, counterparty: self, day, part, key, now });
  const { body, token } = statement;
  const spelling = spellingOf(body);
  const events = body.lines.map(({ event }) => event);
  if (new Set(events).size < events.length) {
    throw new ApiError('bad-request', 'An event is stated twice.');
  }
  await inTransaction(sql, async (tx) => {
    await lockStatements(tx, counterparty);
    const stored = await listStatementParts(tx, { counterparty, day, isOurs: false });
    const same = stored.find((each) => each.part === part);
    if (same !== undefined) {
      if (same.body !== spelling) {
        throw new ApiError(
          'conflict',
          `Another statement of ${day} is kept already. Correct it by new events.`,
        );
      }
      return;
    }
    const [again] = await listStatedBefore(tx, { counterparty, events });
    if (again !== undefined) {
      throw new ApiError(
        'conflict',
        `The event ${again} was stated before. A correction is an event of its own.`,
      );
    }
    const witness = body.witness && { position: BigInt(body.witness.position), hash: body.witness.hash };
    await insertStatement(tx, {
      counterparty,
      day,
      isOurs: false,
      part,
      parts: body.parts,
      body: spelling,
      token,
      witness,
      storedAt: now,
      lines: body.lines.map(({ amount, ...line }) => ({ ...line, amount: BigInt(amount) })),
    });
  });
}
