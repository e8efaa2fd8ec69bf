import { accountCode } from '@taika/ledger/account';
import type { HeldPart } from '@taika/ledger/events';
import { isExpiredMonth } from '@taika/ledger/points';

/** Points that are given back after their month can be spent for so many days at least. */
export const refundedDaysMin = 30;

const dayMs = 86_400_000;

/** What a refund does with a member's points. */
export interface PointsReturn {
  /** Into buckets, each once. */
  readonly parts: readonly HeldPart[];
  /** Settles what the member owes. */
  readonly debtRepaid: bigint;
}

/**
 * Points go back to the bucket that they were taken from; where its month is over, to that in which `refundedDaysMin`
 * days from now end. What the member owes is settled first, out of the points that expire last. Pure.
 */
export function returnPoints(
  taken: readonly HeldPart[],
  { member, debt, now }: { readonly member: string; readonly debt: bigint; readonly now: Date },
): PointsReturn {
  const later = new Date(now.getTime() + refundedDaysMin * dayMs).toISOString().slice(0, monthLength);
  const total = taken.reduce((sum, { amount }) => sum + amount, 0n);
  const debtRepaid = debt < total ? debt : total;
  const sums = new Map<string, bigint>();
  let rest = total - debtRepaid;
  for (const { account, amount } of taken) {
    const part = amount < rest ? amount : rest;
    const month = account.slice(-monthLength);
    const code = accountCode.pointsOfMember(member, isExpiredMonth(month, now) ? later : month);
    sums.set(code, (sums.get(code) ?? 0n) + part);
    rest -= part;
  }
  return {
    parts: [...sums].flatMap(([account, amount]) => (amount > 0n ? [{ account, amount }] : [])),
    debtRepaid,
  };
}

const monthLength = 'yyyy-mm'.length;
