import type { Transaction } from '@taika/database/connect';
import { accountKind, type Commodity, commodityScale } from './account.ts';
import { accountKey, type OpenAccount, type OpenAccounts } from './balances.ts';
import { type AccountRow, findAccounts, insertAccounts, lockBalances } from './queries.ts';

/** Which account in which commodity. */
export type AccountRef = Readonly<{ account: string; commodity: Commodity }>;

/**
 * Opens accounts for the rest of the transaction: those that do not exist are made as the chart says, and the bounded
 * ones are locked in the order of their ids, so what is read stays true until the commit. Throws RangeError for an
 * account that no chart has.
 */
export async function openAccounts(tx: Transaction, refs: readonly AccountRef[]): Promise<OpenAccounts> {
  const wanted = [
    ...new Map(
      refs.map(({ account, commodity }) => [accountKey({ account, commodity }), { account, commodity }]),
    ).values(),
  ];
  const rows = await findOrMakeAccounts(tx, wanted);
  const locked = await lockBalances(
    tx,
    rows.filter((row) => row.bounded).map((row) => row.id),
  );
  const sums = new Map(locked.map((row) => [row.accountId, row]));
  return new Map(
    rows.map((row): [string, OpenAccount] => [
      accountKey({ account: row.code, commodity: row.commodity }),
      {
        id: row.id,
        code: row.code,
        commodity: row.commodity,
        side: row.side === 'D' ? 'debit' : 'credit',
        bounded: row.bounded,
        posted: sums.get(row.id)?.posted ?? 0n,
        held: sums.get(row.id)?.held ?? 0n,
      },
    ]),
  );
}

async function findOrMakeAccounts(
  tx: Transaction,
  wanted: readonly AccountRef[],
): Promise<readonly AccountRow[]> {
  const found = await findAccounts(tx, wanted);
  if (found.length === wanted.length) return found;
  const known = new Set(found.map((row) => accountKey({ account: row.code, commodity: row.commodity })));
  await insertAccounts(
    tx,
    wanted
      .filter((ref) => !known.has(accountKey(ref)))
      .map(({ account, commodity }) => {
        const { side, bounded } = accountKind(account);
        return { code: account, commodity, scale: commodityScale(commodity), side, bounded };
      }),
  );
  return findAccounts(tx, wanted);
}
