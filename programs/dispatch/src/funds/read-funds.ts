import type { SqlOrTransaction } from '@taika/database/connect';
import { accountCode } from '@taika/ledger/account';
import { balanceOf } from '@taika/ledger/balance';
import { type FundsOfCustomer, fundAccounts } from './funds.ts';
import { readCreditLimit } from './queries.ts';

/** What a customer has, owes and holds. */
export async function readFunds(
  sql: SqlOrTransaction,
  { customerNumber, currency }: { readonly customerNumber: bigint; readonly currency: string },
): Promise<FundsOfCustomer> {
  const [depositAccount, creditAccount] = fundAccounts(customerNumber);
  const deposit = await balanceOf(sql, { account: depositAccount, commodity: currency });
  const credit = await balanceOf(sql, { account: creditAccount, commodity: currency });
  return {
    depositMilli: deposit.posted,
    creditLimitMilli: await readCreditLimit(sql, customerNumber),
    owedMilli: await readOwed(sql, { customerNumber, currency }),
    heldMilli: deposit.held + credit.held,
    availableMilli: deposit.available + credit.available,
  };
}

/** Invoiced and not paid. */
export async function readOwed(
  sql: SqlOrTransaction,
  { customerNumber, currency }: { readonly customerNumber: bigint; readonly currency: string },
): Promise<bigint> {
  const account = accountCode.receivableFromCustomer(String(customerNumber));
  return (await balanceOf(sql, { account, commodity: currency })).posted;
}
