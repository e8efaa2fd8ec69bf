import type { Transaction } from '@taika/database/connect';
import { accountCode } from '@taika/ledger/account';
import { balanceOf } from '@taika/ledger/balance';
import type { Currency } from '@taika/ledger/money';

/**
 * What can be set off once more claims and refunds are confirmed: as much as both sides then have invoiced. The caller has
 * locked the vendor's claims, so neither side changes meanwhile.
 */
export async function setOffAfter(
  tx: Transaction,
  { vendor, currency }: { readonly vendor: string; readonly currency: Currency },
  {
    claims,
    refunds,
  }: {
    readonly claims: { readonly confirmed: bigint };
    readonly refunds: { readonly confirmed: bigint };
  },
): Promise<bigint> {
  const invoiced = async (account: string) => (await balanceOf(tx, { account, commodity: currency })).posted;
  const payable = (await invoiced(accountCode.payableToVendor(vendor, 'invoiced'))) + claims.confirmed;
  const receivable =
    (await invoiced(accountCode.receivableFromVendor(vendor, 'invoiced'))) + refunds.confirmed;
  return payable < receivable ? payable : receivable;
}
