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
