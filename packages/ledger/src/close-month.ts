import type { SqlOrTransaction, Transaction } from '@taika/database/connect';
import type { Commodity, Side } from './account.ts';
import { type ChainHead, chainHead } from './chain.ts';

/** A month that was closed. */
export type Closing = Readonly<{ month: string; journals: bigint; head: ChainHead; closedAt: Date }>;

/** A balance at the end of a closed month, on the normal side of its account. */
export type ClosingBalance = Readonly<{ account: string; commodity: Commodity; side: Side; posted: bigint }>;

/** What became of closing a month. */
export type CloseOutcome =
  | Readonly<{ kind: 'closed'; closing: Closing; replayed: boolean }>
  | Readonly<{ kind: 'refused'; reason: 'not-over' | 'later-closed' | 'unsealed' }>;

/** How long after its end a month can be closed: clocks of replicas differ, and a transaction takes time. */
export const CLOSE_AFTER_MS = 3_600_000;

/**
 * Keeps the balances at the end of a month and lets nothing be booked into it any more. All its commands must be sealed,
 * so that the head of the chain covers it. Nobody waits for it but who books something older than half an hour.
 */
export async function closeMonth(
  tx: Transaction,
  { month, now }: { readonly month: string; readonly now: Date },
): Promise<CloseOutcome> {
  const until = endOfMonth(month);
  await tx`select pg_advisory_xact_lock(hashtextextended('ledger closing', 0))`;
  const known = (await listClosings(tx)).find((closing) => closing.month === month);
  if (known) return { kind: 'closed', closing: known, replayed: true };
  if (now.getTime() < until.getTime() + CLOSE_AFTER_MS) return { kind: 'refused', reason: 'not-over' };
  const [last] = await tx<{ month: string; until: Date }[]>`
    select month, until
    from ledger.closing
    order by until desc
    limit 1`;
  if (last && last.until >= until) return { kind: 'refused', reason: 'later-closed' };
  const since = last?.until ?? new Date(0);
  const journals = await countJournals(tx, since, until);
  if (await hasUnsealed(tx, until)) return { kind: 'refused', reason: 'unsealed' };
  const head = await chainHead(tx);
  await tx`
    insert into ledger.closing (month, until, journals, chain_position, chain_hash, closed_at)
    values (${month}, ${until}, ${journals}, ${head.position}, ${Buffer.from(head.hash, 'hex')}, ${now})`;
  await tx`
    insert into ledger.closing_balance (month, account_id, posted)
    select ${month}, a.id, sum(change.posted)
    from (
      select account_id, posted
      from ledger.closing_balance
      where month = ${last?.month ?? ''}
      union all
      select p.account_id, sum(case x.side when 'D' then p.amount else -p.amount end)
      from ledger.journal j
      join ledger.posting p on p.journal_id = j.id
      join ledger.account x on x.id = p.account_id
      where j.at >= ${since}
        and j.at < ${until}
      group by p.account_id
    ) change
    join ledger.account a on a.id = change.account_id
    group by a.id
    order by a.id`;
  return { kind: 'closed', closing: { month, journals, head, closedAt: now }, replayed: false };
}

/** Closed months, the last first. */
export async function listClosings(sql: SqlOrTransaction): Promise<readonly Closing[]> {
  const rows = await sql<
    { month: string; journals: bigint; chainPosition: bigint; chainHash: Buffer; closedAt: Date }[]
  >`
    select month, journals, chain_position, chain_hash, closed_at
    from ledger.closing
    order by until desc`;
  return rows.map(({ month, journals, chainPosition, chainHash, closedAt }) => ({
    month,
    journals,
    head: { position: chainPosition, hash: chainHash.toString('hex') },
    closedAt,
  }));
}

/** The trial balance of a closed month; accounts in the order of their codes. */
export async function closingBalances(
  sql: SqlOrTransaction,
  month: string,
): Promise<readonly ClosingBalance[]> {
  const rows = await sql<{ code: string; commodity: Commodity; side: 'D' | 'C'; posted: bigint }[]>`
    select a.code, a.commodity, a.side, b.posted
    from ledger.closing_balance b
    join ledger.account a on a.id = b.account_id
    where b.month = ${month}
    order by a.code, a.commodity`;
  return rows.map(({ code, side, ...sums }) => ({
    account: code,
    side: side === 'D' ? 'debit' : 'credit',
    ...sums,
  }));
}

/** The first instant after a month `yyyy-mm`, in UTC. Throws RangeError for anything else. */
export function endOfMonth(month: string): Date {
  const [, year, number] = /^(\d{4})-(0[1-9]|1[0-2])$/.exec(month) ?? [];
  if (year === undefined) throw new RangeError(`"${month}" is no month: give yyyy-mm.`);
  return new Date(Date.UTC(Number(year), Number(number)));
}

async function countJournals(tx: Transaction, since: Date, until: Date): Promise<bigint> {
  const [row] = await tx<{ journals: bigint }[]>`
    select count(*) as journals
    from ledger.journal
    where at >= ${since}
      and at < ${until}`;
  return row?.journals ?? 0n;
}

async function hasUnsealed(tx: Transaction, until: Date): Promise<boolean> {
  const rows = await tx`
    select u.command_id
    from ledger.unsealed u
    join ledger.journal j on j.id = u.command_id
    where j.at < ${until}
    limit 1`;
  return rows.length > 0;
}
