import { accountCode } from '@taika/ledger/account';

/** What a customer can pay with, in thousandths of the smallest coin. */
export interface FundsOfCustomer {
  readonly depositMilli: bigint;
  readonly creditLimitMilli: bigint;
  readonly owedMilli: bigint;
  readonly heldMilli: bigint;
  readonly availableMilli: bigint;
}

/** A customer's accounts in the order in which jobs hold on them: what was paid in advance is used first. */
export function fundAccounts(customerNumber: bigint): readonly [deposit: string, credit: string] {
  const customer = String(customerNumber);
  return [accountCode.deposit(customer), accountCode.creditLimit(customer)];
}
