import { inTransaction } from '@taika/database/transaction';
import { available, openAccount } from '@taika/ledger/balances';
import { pointsExpired } from '@taika/ledger/events';
import { expiredBuckets, latestJournals } from '@taika/ledger/expired-buckets';
import { openAccounts } from '@taika/ledger/open-accounts';
import { POINTS } from '@taika/ledger/points';
import { type PostCommand, postMany } from '@taika/ledger/post';
import type { StepOutcome } from '@taika/runtime/loop';
import type { DispatchContext } from '../context.ts';
import { lockPosition } from './queries.ts';
import { settleDebts } from './settle-debts.ts';

/** Buckets in one transaction at most, so that checkouts of their members never wait long. */
const bucketsMax = 500;

/**
 * Turns points whose month is over into the contractor's income, after what their member owes. What a checkout holds waits: it expires when the hold
 * is given up. A step of a loop.
 */
export function expirePointsStep({
  sql,
  clock,
  contractor: { currency },
}: Pick<DispatchContext, 'sql' | 'clock' | 'contractor'>): Promise<StepOutcome> {
  const at = clock.now();
  const month = at.toISOString().slice(0, 'yyyy-mm'.length);
  return inTransaction(sql, async (tx) => {
    const buckets = await expiredBuckets(tx, { month, bucketsMax });
    if (buckets.length === 0) {
      return 'idle';
    }
    await lockPosition(tx);
    await settleDebts(tx, [...new Set(buckets.map(({ member }) => member))], { at, currency });
    const accounts = await openAccounts(
      tx,
      buckets.map(({ account }) => ({ account, commodity: POINTS })),
    );
    const latest = await latestJournals(
      tx,
      buckets.map(({ account }) => account),
    );
    // Read again behind the lock: a hold may have come or gone meanwhile.
    const commands = buckets.flatMap(({ account, member, month }): PostCommand[] => {
      const bucket = openAccount(accounts, { account, commodity: POINTS });
      const points = available(bucket);
      return points === 0n
        ? []
        : [
            {
              // The amount does not name an expiry: a refund that began before the month's end may bring the same again.
              idempotencyKey: `points-expired:${member}:${month}:after:${latest.get(account)}`,
              event: 'points-expired',
              command: { member, month, points },
              at,
              postings: pointsExpired({ member, month, points, currency }),
            },
          ];
    });
    for (const outcome of await postMany(tx, commands)) {
      if (outcome.kind !== 'posted' || outcome.replayed) {
        throw new Error(`Points whose month is over could not be booked: ${outcome.kind}.`);
      }
    }
    return buckets.length === bucketsMax ? 'again' : 'idle';
  });
}
