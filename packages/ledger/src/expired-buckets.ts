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
