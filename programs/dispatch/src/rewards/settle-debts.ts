import type { Transaction } from '@taika/database/connect';
import { inTransaction } from '@taika/database/transaction';
import { accountCode } from '@taika/ledger/account';
import { balancesOf, balancesUnder } from '@taika/ledger/balance';
import { available, openAccount } from '@taika/ledger/balances';
import { debtSettled } from '@taika/ledger/events';
import { latestJournals } from '@taika/ledger/expired-buckets';
import { openAccounts } from '@taika/ledger/open-accounts';
import { POINTS } from '@taika/ledger/points';
import { type PostCommand, postMany } from '@taika/ledger/post';
import type { StepOutcome } from '@taika/runtime/loop';
import type { DispatchContext } from '../context.ts';
import { takeFrom } from './member-postings.ts';
import { listStandingDebts, lockPosition } from './queries.ts';
import { bucketPrefix } from './read-balance.ts';

/**
 * Settles what members owe for wrong results from what nobody holds of their points, the bucket that expires first in
 * front. Whatever frees points calls it in its own transaction, so that no member owes points and can spend some.
 *
 * The caller has locked the position of the journal before any bucket: whoever lowers a debt has, so none is settled twice.
 */
export async function settleDebts(
  tx: Transaction,
  members: readonly string[],
  { at, currency }: { readonly at: Date; readonly currency: string },
): Promise<void> {
  const debts = await balancesOf(tx, { accounts: members.map(accountCode.pointsDebt), commodity: POINTS });
  const debtOf = (member: string) => debts.get(accountCode.pointsDebt(member))?.posted ?? 0n;
  const owing = members.filter((member) => debtOf(member) > 0n);
  if (owing.length === 0) {
    return;
  }
  const codes = new Map<string, readonly string[]>();
  for (const member of owing) {
    codes.set(
      member,
      (await balancesUnder(tx, bucketPrefix(member))).map(({ account }) => account),
    );
  }
  const accounts = await openAccounts(
    tx,
    [...codes.values()].flat().map((account) => ({ account, commodity: POINTS })),
  );
  const latest = await latestJournals(tx, owing.map(accountCode.pointsDebt));
  const commands = owing.flatMap((member): PostCommand[] => {
    const buckets = (codes.get(member) ?? []).map((account) => ({
      account,
      amount: available(openAccount(accounts, { account, commodity: POINTS })),
    }));
    const { parts } = takeFrom(buckets, debtOf(member));
    return parts.length === 0
      ? []
      : [
          {
            // Each settlement changes the debt, so the next one has another journal before it.
            idempotencyKey: `debt-settled:${member}:after:${latest.get(accountCode.pointsDebt(member))}`,
            event: 'debt-settled',
            command: { member },
            at,
            postings: debtSettled({ member, fromBuckets: parts, currency }),
          },
        ];
  });
  for (const outcome of await postMany(tx, commands)) {
    if (outcome.kind !== 'posted' || outcome.replayed) {
      throw new Error(`A debt of points could not be settled: ${outcome.kind}.`);
    }
  }
}

/** Members in one transaction at most. */
const membersMax = 500;

/** Settles debts of members that have points all the same, as earlier releases left some. A step of a loop. */
export async function settleStandingDebtsStep({
  sql,
  clock,
  contractor: { currency },
}: Pick<DispatchContext, 'sql' | 'clock' | 'contractor'>): Promise<StepOutcome> {
  const members = await listStandingDebts(sql, membersMax);
  if (members.length === 0) {
    return 'idle';
  }
  return inTransaction(sql, async (tx) => {
    await lockPosition(tx);
    await settleDebts(tx, members, { at: clock.now(), currency });
    return members.length === membersMax ? 'again' : 'idle';
  });
}
