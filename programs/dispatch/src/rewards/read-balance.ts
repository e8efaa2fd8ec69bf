import type { Sql } from '@taika/database/connect';
import { inTransaction } from '@taika/database/transaction';
import { accountCode } from '@taika/ledger/account';
import { balanceOf, balancesUnder } from '@taika/ledger/balance';
import { isExpiredMonth, POINTS } from '@taika/ledger/points';
import { changeOf } from './earnings.ts';
import { readOrdersOfVendor, readSpent, readTail } from './queries.ts';

/** Points of a member, in thousandths. */
export interface PointsOfMember {
  /** Of results that are not final yet. */
  readonly pendingMilli: bigint;
  /** Can be spent. */
  readonly availableMilli: bigint;
  /** Wait for a checkout. */
  readonly heldMilli: bigint;
  /** Were taken off prices. */
  readonly spentMilli: bigint;
  /** Served as evidence for a license, and are never spent. */
  readonly evidenceMilli: bigint;
  /** Were taken back after they had been spent: what becomes final next settles this first. */
  readonly debtMilli: bigint;
}

/** A member's points at this instant: what the ledger has, and what was earned since it was last written. */
export function readPointsBalance(sql: Sql, memberNumber: bigint, now: Date): Promise<PointsOfMember> {
  // One snapshot: a batch that is journalled in between would be counted twice or not at all.
  return inTransaction(sql, 'repeatable read', async (tx) => {
    const member = String(memberNumber);
    const buckets = await balancesUnder(tx, bucketPrefix(member));
    const escrow = await balanceOf(tx, { account: accountCode.pointsInEscrow(member), commodity: POINTS });
    const evidence = await balanceOf(tx, {
      account: accountCode.pointsOfEvidence(member),
      commodity: POINTS,
    });
    const debt = await balanceOf(tx, { account: accountCode.pointsDebt(member), commodity: POINTS });
    const tail = changeOf(await readTail(tx, memberNumber));
    const spendable = buckets.filter(({ account }) => !isExpiredMonth(account.slice(-monthLength), now));
    const free = sum(spendable.map((bucket) => bucket.available)) + tail.final - tail.recalled - debt.posted;
    return {
      pendingMilli: escrow.posted + tail.pending - tail.final - tail.evidence - tail.forfeited,
      availableMilli: free > 0n ? free : 0n,
      heldMilli: sum(buckets.map((bucket) => bucket.held)),
      spentMilli: await readSpent(tx, memberNumber),
      evidenceMilli: evidence.posted + tail.evidence - tail.evidenceRecalled,
      debtMilli: free < 0n ? -free : 0n,
    };
  });
}

/**
 * What a vendor needs of a member's points: what can be spent, and what its own orders hold and have spent. Nothing of what the
 * member does elsewhere, by which two vendors could find out that they serve the same person (decision 2).
 */
export async function readPointsForVendor(
  sql: Sql,
  ids: { readonly memberNumber: bigint; readonly vendorNumber: bigint },
  now: Date,
): Promise<Pick<PointsOfMember, 'availableMilli' | 'heldMilli' | 'spentMilli' | 'pendingMilli'>> {
  const { availableMilli } = await readPointsBalance(sql, ids.memberNumber, now);
  return { availableMilli, ...(await readOrdersOfVendor(sql, ids)), pendingMilli: 0n };
}

/** How the codes of a member's buckets begin; the month follows. */
export function bucketPrefix(member: string): string {
  return `points:member:${member}:`;
}

const monthLength = 'yyyy-mm'.length;

function sum(amounts: readonly bigint[]): bigint {
  return amounts.reduce((total, amount) => total + amount, 0n);
}
