import { balancesUnder, type NamedBalance } from '@taika/ledger/balance';
import { findDefects } from '@taika/ledger/defects';
import { readVendorBooks } from '@taika/protocol/vendor/services';
import type { VendorRouter } from '../access/router.ts';
import type { VendorContext } from '../context.ts';
import { findVendorDefects } from './queries.ts';

/** The vendor's own books. */
export function registerBookRoutes(declare: VendorRouter, context: VendorContext): void {
  declare(readVendorBooks, async () => {
    const ledgerDefects = await findDefects(context.sql);
    return {
      accounts: (await balancesUnder(context.sql, '')).map(toTrialBalance),
      defects: [
        ...ledgerDefects.map(({ rule, subject, detail }) => ({
          name: rule,
          detail: `${subject}: ${detail}`,
        })),
        ...(await findVendorDefects(context.sql)),
      ],
    };
  });
}

/** An account below zero is shown on its other side. */
function toTrialBalance({ account, commodity, side, posted }: NamedBalance) {
  const isDebit = (side === 'debit') === posted >= 0n;
  const amount = posted < 0n ? -posted : posted;
  return { account, commodity, debit: isDebit ? amount : 0n, credit: isDebit ? 0n : amount };
}
