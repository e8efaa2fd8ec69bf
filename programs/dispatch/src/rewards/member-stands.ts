import type { Transaction } from '@taika/database/connect';
import { accountCode } from '@taika/ledger/account';
import { balancesOf, balancesUnder } from '@taika/ledger/balance';
import { available, openAccount } from '@taika/ledger/balances';
import { openAccounts } from '@taika/ledger/open-accounts';
import { POINTS } from '@taika/ledger/points';
import type { PointsChange } from './earnings.ts';
import type { MemberStand } from './member-postings.ts';
import { bucketPrefix } from './read-balance.ts';

/**
 * What members have, as far as a batch's journals depend on it: debts where something became final, and buckets where
 * something is taken back. These are locked, so that no checkout takes them meanwhile.
 */
export async function readStands(
  tx: Transaction,
  changes: ReadonlyMap<bigint, PointsChange>,
): Promise<(memberNumber: bigint) => MemberStand> {
  const gaining = [...changes].filter(([, { final }]) => final > 0n).map(([number]) => String(number));
  const debts = await balancesOf(tx, { accounts: gaining.map(accountCode.pointsDebt), commodity: POINTS });
  const losing = new Map<bigint, Pick<MemberStand, 'buckets' | 'evidence'>>();
  for (const [number, { recalled, evidenceRecalled }] of changes) {
    if (recalled > 0n || evidenceRecalled > 0n) {
      losing.set(number, await lockMember(tx, String(number)));
    }
  }
  return (number) => ({
    debt: debts.get(accountCode.pointsDebt(String(number)))?.posted ?? 0n,
    ...(losing.get(number) ?? { buckets: [], evidence: 0n }),
  });
}

async function lockMember(
  tx: Transaction,
  member: string,
): Promise<Pick<MemberStand, 'buckets' | 'evidence'>> {
  const codes = (await balancesUnder(tx, bucketPrefix(member))).map(({ account }) => account);
  const evidenceCode = accountCode.pointsOfEvidence(member);
  const accounts = await openAccounts(
    tx,
    [...codes, evidenceCode].map((account) => ({ account, commodity: POINTS })),
  );
  const free = (account: string) => available(openAccount(accounts, { account, commodity: POINTS }));
  return {
    buckets: codes.map((account) => ({ account, amount: free(account) })),
    evidence: free(evidenceCode),
  };
}
