import type { SqlOrTransaction } from '@taika/database/connect';
import { accountKind, type Commodity, type Side } from './account.ts';
import type { AccountRef } from './open-accounts.ts';

/** The sums of one account on its normal side. */
export type Balance = Readonly<{ posted: bigint; held: bigint; available: bigint }>;

/** The sums of one account with its name. */
export type NamedBalance = Balance & Readonly<{ account: string; commodity: Commodity; side: Side }>;

/** The balance of one account; zeros if nothing was ever booked on it. Throws RangeError for an account that no chart has. */
export async function balanceOf(sql: SqlOrTransaction, { account, commodity }: AccountRef): Promise<Balance> {
  accountKind(account);
  const [row] = await sql<Balance[]>`
    select posted, held, available
    from ledger.account_balance
    where code = ${account}
      and commodity = ${commodity}`;
  return row ?? { posted: 0n, held: 0n, available: 0n };
}

/** The balances of many accounts by their codes, without those on which nothing was ever booked. */
export async function balancesOf(
  sql: SqlOrTransaction,
  { accounts, commodity }: Readonly<{ accounts: readonly string[]; commodity: Commodity }>,
): Promise<ReadonlyMap<string, Balance>> {
  if (accounts.length === 0) return new Map();
  const rows = await sql<(Balance & { code: string })[]>`
    select a.code, sum(b.posted)::bigint as posted, sum(b.held)::bigint as held, sum(b.posted - b.held)::bigint as available
    from json_array_elements_text(${JSON.stringify(accounts)}::text::json) as wanted(code)
    cross join lateral (
      select id, code
      from ledger.account
      where code = wanted.code
        and commodity = ${commodity}
      limit 1
    ) a
    join ledger.balance b on b.account_id = a.id
    group by a.code`;
  return new Map(rows.map(({ code, ...sums }) => [code, sums]));
}

/**
 * The balances of all accounts whose code begins with `prefix`, in the order of codes: with `points:member:M:` a member's
 * buckets, the one that expires first in front. The empty prefix gives the trial balance.
 */
export async function balancesUnder(sql: SqlOrTransaction, prefix: string): Promise<readonly NamedBalance[]> {
  const rows = await sql<(Balance & { code: string; commodity: Commodity; side: 'D' | 'C' })[]>`
    select code, commodity, side, posted, held, available
    from ledger.account_balance
    where code ^@ ${prefix}
    order by code, commodity`;
  return rows.map(({ code, side, ...sums }) => ({
    account: code,
    side: side === 'D' ? 'debit' : 'credit',
    ...sums,
  }));
}
