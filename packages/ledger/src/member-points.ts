import type { SqlOrTransaction } from '@taika/database/connect';
import { accountCode } from './account.ts';
import { balanceOf, balancesUnder } from './balance.ts';
import { isExpiredMonth, POINTS } from './points.ts';

/** One month's spendable points. */
export type PointsBucket = Readonly<{ account: string; month: string; available: bigint }>;

/** A member's points, at scale 3. */
export type MemberPoints = Readonly<{
  /** Of results that are not final. */
  pending: bigint;
  /** What can be spent now: the sum of the buckets. */
  available: bigint;
  /** Set aside for orders. */
  held: bigint;
  /** Taken back for wrong results but already spent; repaid from what becomes final next. */
  debt: bigint;
  /** Months that are not over, the earliest first: the order for `placeHold`. */
  buckets: readonly PointsBucket[];
}>;

/** What a member has at `now`, as far as it is journalled. */
export async function memberPoints(
  sql: SqlOrTransaction,
  { member, now }: { member: string; now: Date },
): Promise<MemberPoints> {
  const prefix = accountCode.pointsOfMember(member, '');
  const escrow = await balanceOf(sql, { account: accountCode.pointsInEscrow(member), commodity: POINTS });
  const debt = await balanceOf(sql, { account: accountCode.pointsDebt(member), commodity: POINTS });
  const rows = await balancesUnder(sql, prefix);
  const valid = rows.filter(({ account }) => !isExpiredMonth(account.slice(prefix.length), now));
  return {
    pending: escrow.available,
    available: valid.reduce((sum, row) => sum + row.available, 0n),
    held: rows.reduce((sum, row) => sum + row.held, 0n),
    debt: debt.posted,
    buckets: valid.map(({ account, available }) => ({
      account,
      month: account.slice(prefix.length),
      available,
    })),
  };
}
