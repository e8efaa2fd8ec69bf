import type { Sql, SqlOrTransaction } from '@taika/database/connect';
import { accountKind, type Commodity, type Side } from './account.ts';
import type { AccountRef } from './open-accounts.ts';

/** A span of time: the first instant included, the last not. */
export type Span = Readonly<{ from: Date; before: Date }>;

/** One posting on an account. `change` is how much the account grew on its normal side. */
export type Entry = Readonly<{ journalId: bigint; at: Date; event: string; key: string; change: bigint }>;

/** An account's opening balance and its postings in the order in which they were booked. */
export type AccountStatement = Readonly<{ side: Side; opening: bigint; entries: readonly Entry[] }>;

/** One posting of any account. */
export type JournalLine = Readonly<{
  journalId: bigint;
  at: Date;
  event: string;
  key: string;
  reverses: bigint | null;
  line: number;
  account: string;
  commodity: Commodity;
  /** Positive for a debit, negative for a credit. */
  amount: bigint;
}>;

/**
 * What happened on one account in a span of time: at most `limit` postings after the journal `after` (0 for all). The opening
 * balance is that at the beginning of the span. Throws RangeError for an account that no chart has.
 */
export async function accountStatement(
  sql: SqlOrTransaction,
  query: AccountRef & Span & { readonly after: bigint; readonly limit: number },
): Promise<AccountStatement> {
  const { account, commodity, from, before, after, limit } = query;
  const { side } = accountKind(account);
  const [opening] = await sql<{ posted: bigint }[]>`
    select coalesce(sum(case a.side when 'D' then p.amount else -p.amount end), 0)::bigint as posted
    from ledger.account a
    join ledger.posting p on p.account_id = a.id
    join ledger.journal j on j.id = p.journal_id
    where a.code = ${account}
      and a.commodity = ${commodity}
      and j.at < ${from}`;
  const entries = await sql<Entry[]>`
    select j.id as journal_id, j.at, c.event, c.key,
           sum(case a.side when 'D' then p.amount else -p.amount end)::bigint as change
    from ledger.account a
    join ledger.posting p on p.account_id = a.id
    join ledger.journal j on j.id = p.journal_id
    join ledger.command c on c.id = j.id
    where a.code = ${account}
      and a.commodity = ${commodity}
      and j.at >= ${from}
      and j.at < ${before}
      and j.id > ${after}
    group by j.id, j.at, c.event, c.key
    order by j.id
    limit ${limit}`;
  return { side, opening: opening?.posted ?? 0n, entries: [...entries] };
}

/** In which commodities an account was ever booked on. */
export async function commoditiesOf(sql: SqlOrTransaction, account: string): Promise<readonly Commodity[]> {
  const rows = await sql<{ commodity: Commodity }[]>`
    select commodity
    from ledger.account
    where code = ${account}
    order by commodity`;
  return rows.map(({ commodity }) => commodity);
}

/** All postings of a span of time, in the order in which they were booked, some thousands at a time. */
export async function* journalLines(
  sql: Sql,
  { from, before }: Span,
): AsyncGenerator<readonly JournalLine[]> {
  const rows = sql<JournalLine[]>`
    select j.id as journal_id, j.at, c.event, c.key, j.reverses, p.line, a.code as account, a.commodity, p.amount
    from ledger.journal j
    join ledger.command c on c.id = j.id
    join ledger.posting p on p.journal_id = j.id
    join ledger.account a on a.id = p.account_id
    where j.at >= ${from}
      and j.at < ${before}
    order by j.id, p.line`;
  yield* rows.cursor(linesAtOnce);
}

const linesAtOnce = 2_000;
