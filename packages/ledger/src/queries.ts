/**
 * The ledger's only SQL, and the only writer of its tables. Sets of rows travel as one JSON parameter, so that a statement
 * is prepared once whatever the size of the batch; amounts are decimal strings in it.
 *
 * Look-ups are written so that the planner can only go by the index (`= any`, or a lateral row at a time): a plain join
 * with the parameter's rows is estimated at a hundred of them, and reads every account to find two (5 ms of 10^4).
 */
import type { Transaction } from '@taika/database/connect';
import type { Commodity, Side } from './account.ts';

export type CommandRow = Readonly<{
  key: string;
  kind: 'post' | 'hold' | 'resolve';
  event: string;
  body: string;
  bodyHash: Buffer;
  at: Date;
}>;

export type ClaimedRow = Readonly<{ id: bigint; key: string; bodyHash: Uint8Array }>;

/** Inserts the commands whose keys are new, in key order so that two batches never wait for each other in a circle. */
export function claimNewCommands(
  tx: Transaction,
  rows: readonly CommandRow[],
): Promise<readonly ClaimedRow[]> {
  const set = asJson(rows.map((row) => ({ ...row, body_hash: `\\x${row.bodyHash.toString('hex')}` })));
  return tx<ClaimedRow[]>`
    insert into ledger.command (key, kind, event, body, body_hash, at)
    select key, kind, event, body, body_hash, at
    from json_to_recordset(${set}::text::json) as c(key text, kind text, event text, body text, body_hash bytea, at timestamptz)
    order by key collate "C"
    on conflict (key) do nothing
    returning id, key, body_hash`;
}

export function findCommands(tx: Transaction, keys: readonly string[]): Promise<readonly ClaimedRow[]> {
  return tx<ClaimedRow[]>`
    select c.id, c.key, c.body_hash
    from json_array_elements_text(${asJson(keys)}::text::json) as wanted(key)
    cross join lateral (
      select id, key, body_hash
      from ledger.command
      where key = wanted.key
      limit 1
    ) c`;
}

export type AnswerRow = Readonly<{
  id: bigint;
  kind: 'post' | 'hold' | 'resolve';
  reason: string | null;
  account: string | null;
  shortBy: bigint | null;
  resolvedHold: bigint | null;
}>;

/** What became of commands that were carried out before. */
export function findAnswers(tx: Transaction, ids: readonly bigint[]): Promise<readonly AnswerRow[]> {
  return tx<AnswerRow[]>`
    select c.id, c.kind, r.reason, r.account, r.short_by, h.hold_id as resolved_hold
    from ledger.command c
    left join ledger.refusal r on r.command_id = c.id
    left join ledger.hold_resolution h on h.command_id = c.id
    where c.id = any (${asArray(ids)}::text::bigint[])`;
}

export function insertRefusals(
  tx: Transaction,
  rows: readonly Readonly<{ commandId: bigint; reason: string; account?: string; shortBy?: bigint }>[],
): Promise<unknown> {
  return tx`
    insert into ledger.refusal (command_id, reason, account, short_by)
    select "commandId", reason, account, "shortBy"
    from json_to_recordset(${asJson(rows)}::text::json) as r("commandId" bigint, reason text, account text, "shortBy" bigint)`;
}

export type AccountRow = Readonly<{
  id: bigint;
  code: string;
  commodity: Commodity;
  side: 'D' | 'C';
  bounded: boolean;
}>;

export function findAccounts(
  tx: Transaction,
  refs: readonly Readonly<{ account: string; commodity: Commodity }>[],
): Promise<readonly AccountRow[]> {
  return tx<AccountRow[]>`
    select a.id, a.code, a.commodity, a.side, a.bounded
    from json_to_recordset(${asJson(refs)}::text::json) as wanted(account text, commodity text)
    cross join lateral (
      select id, code, commodity, side, bounded
      from ledger.account
      where code = wanted.account
        and commodity = wanted.commodity
      limit 1
    ) a`;
}

export function insertAccounts(
  tx: Transaction,
  rows: readonly Readonly<{
    code: string;
    commodity: Commodity;
    scale: number;
    side: Side;
    bounded: boolean;
  }>[],
): Promise<unknown> {
  return tx`
    insert into ledger.account (code, commodity, scale, side, bounded)
    select code, commodity, scale, case side when 'debit' then 'D' else 'C' end, bounded
    from json_to_recordset(${asJson(rows)}::text::json) as a(code text, commodity text, scale smallint, side text, bounded boolean)
    order by code collate "C", commodity collate "C"
    on conflict (code, commodity) do nothing`;
}

/** Locks the rows in the order of ids, which is what keeps parallel writers from deadlocks. Only bounded accounts are locked. */
export function lockBalances(
  tx: Transaction,
  accountIds: readonly bigint[],
): Promise<readonly Readonly<{ accountId: bigint; posted: bigint; held: bigint }>[]> {
  return tx<{ accountId: bigint; posted: bigint; held: bigint }[]>`
    select account_id, posted, held
    from ledger.balance
    where account_id = any (${asArray(accountIds)}::text::bigint[])
      and stripe = 0
    order by account_id
    for no key update`;
}

export type JournalRow = Readonly<{ id: bigint; at: Date; reverses?: bigint }>;
export type PostingRow = Readonly<{ journalId: bigint; line: number; accountId: bigint; amount: bigint }>;

/** Journals with all their postings in one statement: the trigger that keeps balances sees each journal whole. */
export function insertJournals(
  tx: Transaction,
  journals: readonly JournalRow[],
  postings: readonly PostingRow[],
): Promise<unknown> {
  return tx`
    with journal as (
      insert into ledger.journal (id, at, reverses)
      select id, at, reverses
      from json_to_recordset(${asJson(journals)}::text::json) as j(id bigint, at timestamptz, reverses bigint)
    )
    insert into ledger.posting (journal_id, line, account_id, amount)
    select "journalId", line, "accountId", amount
    from json_to_recordset(${asJson(postings)}::text::json) as p("journalId" bigint, line smallint, "accountId" bigint, amount bigint)`;
}

/** A journal is reversed by one transaction at a time; facts are append-only, so there is no row to lock. */
export function lockReversal(tx: Transaction, journalId: bigint): Promise<unknown> {
  return tx`select pg_advisory_xact_lock(hashtextextended('ledger reversal ' || ${journalId}::bigint, 0))`;
}

export function findJournal(
  tx: Transaction,
  journalId: bigint,
): Promise<readonly Readonly<{ reverses: bigint | null; reversedBy: bigint | null }>[]> {
  return tx<{ reverses: bigint | null; reversedBy: bigint | null }[]>`
    select j.reverses, r.id as reversed_by
    from ledger.journal j
    left join ledger.journal r on r.reverses = j.id
    where j.id = ${journalId}`;
}

export function findPostings(
  tx: Transaction,
  journalId: bigint,
): Promise<readonly Readonly<{ code: string; commodity: Commodity; amount: bigint }>[]> {
  return tx<{ code: string; commodity: Commodity; amount: bigint }[]>`
    select a.code, a.commodity, p.amount
    from ledger.posting p
    join ledger.account a on a.id = p.account_id
    where p.journal_id = ${journalId}
    order by p.line`;
}

/** Rows as one JSON text, bigint as decimal strings. */
export function asJson(rows: unknown): string {
  return JSON.stringify(rows, (_, value) => (typeof value === 'bigint' ? value.toString() : value));
}

/** Ids as the text of a PostgreSQL array. */
export function asArray(ids: readonly bigint[]): string {
  return `{${ids.join(',')}}`;
}
