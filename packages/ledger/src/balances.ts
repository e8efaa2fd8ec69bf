import type { Commodity, Side } from './account.ts';
import { type Posting, signedAmount } from './journal.ts';

/** An account as it stands within the running transaction. Unbounded accounts are not locked, so their sums are unknown. */
export type OpenAccount = {
  readonly id: bigint;
  readonly code: string;
  readonly commodity: Commodity;
  readonly side: Side;
  readonly bounded: boolean;
  posted: bigint;
  held: bigint;
};

/** The accounts that a transaction has opened, by `accountKey`. */
export type OpenAccounts = ReadonlyMap<string, OpenAccount>;

/** A bounded account that cannot give what was asked. */
export type Shortage = Readonly<{ account: string; shortBy: bigint }>;

/** One account per code and commodity. */
export function accountKey({ account, commodity }: { account: string; commodity: Commodity }): string {
  return `${account} ${commodity}`;
}

/** What a bounded account can still give. */
export function available({ posted, held }: Pick<OpenAccount, 'posted' | 'held'>): bigint {
  return posted - held;
}

/** How much each account of the journal grows on its normal side; less than zero where it is drawn on. */
export function changes(accounts: OpenAccounts, postings: readonly Posting[]): Map<OpenAccount, bigint> {
  const sums = new Map<OpenAccount, bigint>();
  for (const posting of postings) {
    const account = openAccount(accounts, posting);
    const amount = account.side === 'debit' ? signedAmount(posting) : -signedAmount(posting);
    sums.set(account, (sums.get(account) ?? 0n) + amount);
  }
  return sums;
}

/** Books the changes on the open accounts, all or none: the first shortage is returned and nothing is changed. */
export function applyChanges(growth: ReadonlyMap<OpenAccount, bigint>): Shortage | undefined {
  for (const [account, change] of growth) {
    const left = available(account) + change;
    if (account.bounded && change < 0n && left < 0n) return { account: account.code, shortBy: -left };
  }
  for (const [account, change] of growth) account.posted += change;
  return undefined;
}

/** Takes `amount` from what the accounts can give, in their order; a shortage names the last account. */
export function allocate(
  accounts: readonly OpenAccount[],
  amount: bigint,
): Readonly<{ parts: readonly { account: OpenAccount; amount: bigint }[]; shortBy: bigint }> {
  const parts: { account: OpenAccount; amount: bigint }[] = [];
  let rest = amount;
  for (const account of accounts) {
    const free = available(account);
    // Math.min does not take bigint.
    const taken = free < rest ? free : rest;
    if (taken <= 0n) continue;
    parts.push({ account, amount: taken });
    rest -= taken;
  }
  return { parts, shortBy: rest };
}

/** The open account of a posting; its absence is our mistake. */
export function openAccount(
  accounts: OpenAccounts,
  ref: { account: string; commodity: Commodity },
): OpenAccount {
  const account = accounts.get(accountKey(ref));
  if (!account) throw new Error(`The account ${accountKey(ref)} was not opened.`);
  return account;
}
