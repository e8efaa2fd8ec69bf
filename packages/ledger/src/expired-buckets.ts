import type { SqlOrTransaction } from '@taika/database/connect';

/** A bucket whose month is over and that still has points which nobody holds. */
export type ExpiredBucket = Readonly<{ account: string; member: string; month: string }>;

/** Buckets of months before `month` with something to expire, at most `bucketsMax`. */
export async function expiredBuckets(
  sql: SqlOrTransaction,
  { month, bucketsMax }: { month: string; bucketsMax: number },
): Promise<readonly ExpiredBucket[]> {
  const rows = await sql<{ account: string }[]>`
    select a.code as account
    from ledger.account a
    join ledger.balance b on b.account_id = a.id
    where a.code ^@ 'points:member:'
      and right(a.code, 7) < ${month}
      and b.posted > b.held
    order by a.id
    limit ${bucketsMax}`;
  return rows.map(({ account }) => {
    const [, , member = '', bucketMonth = ''] = account.split(':');
    return { account, member, month: bucketMonth };
  });
}

/** The latest journal on each of these accounts. Names what an account has, once it is locked: each later change has a later journal. */
export async function latestJournals(
  sql: SqlOrTransaction,
  accounts: readonly string[],
): Promise<ReadonlyMap<string, bigint>> {
  if (accounts.length === 0) return new Map();
  const rows = await sql<{ account: string; journalId: bigint }[]>`
    select a.code as account, latest.journal_id
    from ledger.account a
    cross join lateral (
      select journal_id
      from ledger.posting
      where account_id = a.id
      order by journal_id desc
      limit 1
    ) latest
    where a.code = any(${accounts as string[]}::text[])`;
  return new Map(rows.map(({ account, journalId }) => [account, journalId]));
}
