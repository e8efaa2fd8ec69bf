import type { Sql } from '@taika/database/connect';
import { type Party, type Statement, statementOf } from '@taika/documents/document';
import { ApiError } from '@taika/http/api-error';
import type { StatementBodyText } from '@taika/protocol/statements';
import { toStatement } from './produce-statement.ts';
import { listStatementParts, listUnmatched, sumStatedBefore } from './queries.ts';
import { differenceOf } from './reconcile.ts';

/** Our statement of a day as it is sent to people, each line with how it stands in the other book now. */
export async function statementDocument(
  sql: Sql,
  wanted: {
    readonly counterparty: string;
    readonly day: string;
    readonly now: Date;
    readonly self: Party;
    readonly otherName: string;
  },
): Promise<Statement> {
  const { counterparty, day, now, self, otherName } = wanted;
  const ours = (await listStatementParts(sql, { counterparty, day, isOurs: true })).map(toStatement);
  const [first] = ours;
  if (first === undefined) {
    throw new ApiError('not-found', `No statement of ${day} was given to ${counterparty}.`);
  }
  const [theirs] = (await listStatementParts(sql, { counterparty, day, isOurs: false })).map(toStatement);
  const unmatched = new Map(
    (await listUnmatched(sql, counterparty)).map((event) => [event.event, differenceOf(event, now)]),
  );
  const lines = ours.flatMap(({ body }) => body.lines);
  return statementOf({
    number: statementNumber(day),
    issuedOn: day,
    period: { from: day, to: day },
    currency: lines[0]?.currency ?? theirs?.body.lines[0]?.currency ?? 'JPY',
    issuer: self,
    counterparty:
      theirs === undefined
        ? { id: counterparty, name: otherName, country: self.country }
        : partyOf(theirs.body, self.country),
    opening: await sumStatedBefore(sql, { counterparty, day }),
    lines: lines.map(({ event, on, description, amount }) => {
      const difference = unmatched.get(event);
      return {
        event,
        on,
        description,
        amount: BigInt(amount),
        match:
          difference === undefined
            ? { state: 'matched' }
            : {
                state: difference.state,
                reason: difference.reason,
                ...(difference.theirs === undefined ? {} : { theirs: BigInt(difference.theirs) }),
              },
      };
    }),
    chainHead: { position: BigInt(first.body.head.position), hash: first.body.head.hash },
  });
}

/** How a statement of a day is called. Both sides' of one day are called alike. */
export function statementNumber(day: string): string {
  return `STM-${day}`;
}

/** How a company called itself in its statement. */
function partyOf({ issuer, party }: StatementBodyText, countryDefault: string): Party {
  return { id: issuer, ...party, country: party.country ?? countryDefault };
}
