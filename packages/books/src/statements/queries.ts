import type { Sql, SqlOrTransaction, Transaction } from '@taika/database/connect';
import type { DocumentSearch } from '@taika/http/document-search';
import type { ChainHead } from '@taika/ledger/chain';
import type { Witness } from '../own-books.ts';

/** An event of our own book, as the view `own_event` has it. */
export interface OwnEvent {
  readonly event: string;
  readonly on: string;
  readonly description: string;
  readonly currency: string;
  readonly amount: bigint;
}

/** A stored statement. */
export interface StatementRow {
  readonly part: number;
  readonly parts: number;
  readonly body: string;
  readonly token: string;
}

/** Who stores which statement. */
export interface StatementKey {
  readonly counterparty: string;
  readonly day: string;
  readonly isOurs: boolean;
}

/** Lets one transaction at a time state for a counterparty. */
export function lockStatements(tx: Transaction, counterparty: string): Promise<unknown> {
  return tx`select pg_advisory_xact_lock(hashtextextended('statements ' || ${counterparty}::text, 0))`;
}

/** The parts of a statement, in order; empty where there is none. */
export function listStatementParts(
  sql: SqlOrTransaction,
  { counterparty, day, isOurs }: StatementKey,
): Promise<StatementRow[]> {
  return sql<StatementRow[]>`
    select part, parts, body, token
    from ledger.statement
    where counterparty = ${counterparty}
      and day = ${day}::date
      and is_ours = ${isOurs}
    order by part`;
}

/** Our events before an instant that no statement has yet, in the order of their names. */
export function listUnstatedEvents(
  tx: Transaction,
  { counterparty, before }: { readonly counterparty: string; readonly before: Date },
): Promise<OwnEvent[]> {
  return tx<OwnEvent[]>`
    select e.event, (e.at at time zone 'UTC')::date as on, e.description, e.currency, e.amount
    from own_event e
    where e.counterparty = ${counterparty}
      and e.at < ${before}
      and not exists (
        select
        from ledger.statement_line l
        where l.counterparty = e.counterparty
          and l.is_ours
          and l.event = e.event
      )
    order by e.event`;
}

/** The head of the counterparty's chain in the last statement that it gave. */
export async function findKeptHead(
  sql: SqlOrTransaction,
  counterparty: string,
): Promise<ChainHead | undefined> {
  const [row] = await sql<{ position: string; hash: string }[]>`
    select body::jsonb #>> '{head,position}' as position, body::jsonb #>> '{head,hash}' as hash
    from ledger.statement
    where counterparty = ${counterparty}
      and not is_ours
    order by day desc, part desc
    limit 1`;
  return row && { position: BigInt(row.position), hash: row.hash };
}

/** Stores a statement with its lines. False where it is there already. Fails on the primary key where an event was stated before. */
export async function insertStatement(
  tx: Transaction,
  statement: StatementKey &
    StatementRow & {
      readonly witness: ChainHead | undefined;
      readonly storedAt: Date;
      readonly lines: readonly OwnEvent[];
    },
): Promise<boolean> {
  const { counterparty, day, isOurs, part, parts, body, token, witness, storedAt, lines } = statement;
  const { count } = await tx`
    insert into ledger.statement (
      counterparty, day, is_ours, part, parts, body, token, witness_position, witness_hash, stored_at
    )
    values (
      ${counterparty}, ${day}::date, ${isOurs}, ${part}, ${parts}, ${body}, ${token}, ${witness?.position ?? null},
      ${witness === undefined ? null : Buffer.from(witness.hash, 'hex')}, ${storedAt}
    )
    on conflict do nothing`;
  if (count === 0) {
    return false;
  }
  const rows = JSON.stringify(lines.map((line) => ({ ...line, amount: String(line.amount) })));
  await tx`
    insert into ledger.statement_line (
      counterparty, is_ours, event, day, part, happened_on, description, currency, amount
    )
    select ${counterparty}, ${isOurs}, event, ${day}::date, ${part}, "on", description, currency, amount
    from json_to_recordset(${rows}::text::json) as l(event text, "on" date, description text, currency text, amount bigint)`;
  return true;
}

/** Events of a list that the counterparty stated before, on another day or in another part. */
export async function listStatedBefore(
  tx: Transaction,
  { counterparty, events }: { readonly counterparty: string; readonly events: readonly string[] },
): Promise<readonly string[]> {
  const rows = await tx<{ event: string }[]>`
    select event
    from ledger.statement_line
    where counterparty = ${counterparty}
      and not is_ours
      and event in (select json_array_elements_text(${JSON.stringify(events)}::text::json))
    order by event`;
  return rows.map(({ event }) => event);
}

/** The day of the counterparty's last whole statement; undefined where it gave none. */
export async function findLastDay(
  sql: SqlOrTransaction,
  { counterparty, isOurs }: Omit<StatementKey, 'day'>,
): Promise<string | undefined> {
  const [row] = await sql<{ day: string | null }[]>`
    select max(day) as day
    from (
      select day
      from ledger.statement
      where counterparty = ${counterparty}
        and is_ours = ${isOurs}
      group by day, parts
      having count(*) = parts
    ) whole`;
  return row?.day ?? undefined;
}

/** The day of the first event with a counterparty; undefined where there is none. */
export async function findFirstEventDay(sql: Sql, counterparty: string): Promise<string | undefined> {
  const [row] = await sql<{ day: string | null }[]>`
    select (min(at) at time zone 'UTC')::date as day
    from own_event
    where counterparty = ${counterparty}`;
  return row?.day ?? undefined;
}

/** Heads of our own chain that others told us to have kept. */
export async function listWitnesses(sql: Sql): Promise<readonly Witness[]> {
  const rows = await sql<(Omit<Witness, 'hash'> & { readonly hash: Buffer })[]>`
    select w.counterparty, w.position, w.hash, w.day,
           exists (
             select
             from ledger.statement s
             where s.counterparty = w.counterparty
               and s.is_ours
               and s.body::jsonb #>> '{head,position}' = w.position::text
               and s.body::jsonb #>> '{head,hash}' = encode(w.hash, 'hex')
           ) as was_stated
    from (
      select counterparty, witness_position as position, witness_hash as hash, min(day) as day
      from ledger.statement
      where witness_position is not null
        and not is_ours
      group by counterparty, witness_position, witness_hash
    ) w
    order by w.position, w.counterparty`;
  return rows.map(({ hash, ...witness }) => ({ ...witness, hash: hash.toString('hex') }));
}

/** A stored day of one side. */
export interface StatedDay {
  readonly counterparty: string;
  readonly day: string;
  readonly isOurs: boolean;
  readonly lines: bigint;
  /** Of all lines. */
  readonly amount: bigint;
  /** Null where there are no lines, or several currencies. */
  readonly currency: string | null;
  readonly storedAt: Date;
}

/** What was stated, the last day first, where the search finds it: amounts are sums of a statement's lines. */
export function listStatedDays(sql: Sql, search: DocumentSearch): Promise<StatedDay[]> {
  return sql<StatedDay[]>`
    select s.counterparty, s.day, s.is_ours, s.stored_at, l.lines, l.amount, l.currency
    from (
      select counterparty, day, is_ours, max(stored_at) as stored_at
      from ledger.statement
      where (${search.counterparty}::text is null or counterparty = ${search.counterparty})
        and (${search.from}::timestamptz is null or day >= (${search.from}::timestamptz at time zone 'UTC')::date)
        and (${search.before}::timestamptz is null or day < (${search.before}::timestamptz at time zone 'UTC')::date)
        and (${search.number}::text is null or 'STM-' || to_char(day, 'YYYY-MM-DD') = ${search.number})
      group by counterparty, day, is_ours
    ) s
    cross join lateral (
      select count(*) as lines, coalesce(sum(amount), 0)::bigint as amount,
             case when count(distinct currency) = 1 then min(currency) end as currency
      from ledger.statement_line
      where counterparty = s.counterparty
        and day = s.day
        and is_ours = s.is_ours
    ) l
    where (${search.amountFrom}::bigint is null or l.amount >= ${search.amountFrom})
      and (${search.amountTo}::bigint is null or l.amount <= ${search.amountTo})
    order by s.day desc, s.counterparty, s.is_ours desc
    limit 1000`;
}

/** One event in either book; null where a book does not have it. */
export interface ComparedEvent {
  readonly counterparty: string;
  readonly event: string;
  readonly on: string;
  readonly currency: string;
  readonly ours: bigint | null;
  readonly theirs: bigint | null;
  /** The last day that the counterparty stated as a whole. */
  readonly theirLastDay: string | null;
  /** Why our operator lets this difference stand, with these amounts; null where nobody said so. */
  readonly acceptedFor: string | null;
}

/** How many events both books tell alike. */
export async function countMatched(sql: Sql, counterparty: string | null): Promise<number> {
  const [row] = await sql<{ matched: number }[]>`
    select count(*)::integer as matched
    from own_event o
    join ledger.statement_line t
      on t.counterparty = o.counterparty
      and not t.is_ours
      and t.event = o.event
      and t.amount = o.amount
      and t.currency = o.currency
    where ${counterparty}::text is null or o.counterparty = ${counterparty}`;
  return row?.matched ?? 0;
}

/** Every event that our book and their statements do not tell alike, the oldest first. */
export function listUnmatched(sql: SqlOrTransaction, counterparty: string | null): Promise<ComparedEvent[]> {
  return sql<ComparedEvent[]>`
    select coalesce(o.counterparty, t.counterparty) as counterparty, coalesce(o.event, t.event) as event,
           least((o.at at time zone 'UTC')::date, t.happened_on) as on, coalesce(o.currency, t.currency) as currency,
           o.amount as ours, t.amount as theirs, d.day as their_last_day, n.reason as accepted_for
    from own_event o
    full join (select * from ledger.statement_line where not is_ours) t
      on t.counterparty = o.counterparty
      and t.event = o.event
    left join (
      select counterparty, max(day) as day
      from ledger.statement
      where not is_ours
      group by counterparty
    ) d on d.counterparty = coalesce(o.counterparty, t.counterparty)
    left join lateral (
      select reason
      from ledger.difference_note
      where counterparty = coalesce(o.counterparty, t.counterparty)
        and event = coalesce(o.event, t.event)
        and ours is not distinct from o.amount
        and theirs is not distinct from t.amount
      order by noted_at desc
      limit 1
    ) n on true
    where (${counterparty}::text is null or coalesce(o.counterparty, t.counterparty) = ${counterparty})
      and (o.event is null or t.event is null or o.amount <> t.amount or o.currency <> t.currency)
    order by 3, 1, 2`;
}

/** Events that we stated and that our book has no more, or with another amount: what was stated must stay true. */
export async function listUntrue(sql: Sql): Promise<readonly string[]> {
  const rows = await sql<{ detail: string }[]>`
    select l.event || ' was stated to ' || l.counterparty || ' as ' || l.amount || ', the book has '
             || coalesce(e.amount::text, 'nothing') as detail
    from ledger.statement_line l
    left join own_event e
      on e.counterparty = l.counterparty
      and e.event = l.event
    where l.is_ours
      and e.amount is distinct from l.amount
    order by 1`;
  return rows.map(({ detail }) => detail);
}

/** What we stated to a counterparty on earlier days, in all. */
export async function sumStatedBefore(
  sql: Sql,
  { counterparty, day }: { readonly counterparty: string; readonly day: string },
): Promise<bigint> {
  const [row] = await sql<{ amount: bigint }[]>`
    select coalesce(sum(amount), 0)::bigint as amount
    from ledger.statement_line
    where counterparty = ${counterparty}
      and is_ours
      and day < ${day}::date`;
  return row?.amount ?? 0n;
}

/** Notes why differences are let stand, with the amounts that they have now. Append-only: a later note is another row. */
export async function insertDifferenceNotes(
  tx: Transaction,
  differences: readonly Pick<ComparedEvent, 'counterparty' | 'event' | 'ours' | 'theirs'>[],
  { reason, now }: { readonly reason: string; readonly now: Date },
): Promise<void> {
  const rows = JSON.stringify(
    differences.map(({ counterparty, event, ours, theirs }) => ({
      counterparty,
      event,
      ours: ours === null ? null : String(ours),
      theirs: theirs === null ? null : String(theirs),
    })),
  );
  await tx`
    insert into ledger.difference_note (counterparty, event, ours, theirs, reason, noted_at)
    select counterparty, event, ours, theirs, ${reason}, ${now}
    from json_to_recordset(${rows}::text::json) as d(counterparty text, event text, ours bigint, theirs bigint)
    on conflict do nothing`;
}
