import { registerLedgerRoutes } from '@taika/books/routes';
import { listUntrue, listWitnesses } from '@taika/books/statements/queries';
import { reconcile } from '@taika/books/statements/reconcile';
import type { Sql } from '@taika/database/connect';
import { balancesUnder, type NamedBalance } from '@taika/ledger/balance';
import { findDefects } from '@taika/ledger/defects';
import { readVendorBooks } from '@taika/protocol/vendor/services';
import type { VendorRouter } from '../access/router.ts';
import type { VendorContext } from '../context.ts';
import { type BookDefect, findVendorDefects } from './queries.ts';

/** The vendor's own books. */
export function registerBookRoutes(declare: VendorRouter, context: VendorContext): void {
  const { sql, clock } = context;
  const findAll = () => findAllVendorDefects(sql);
  registerLedgerRoutes(declare, {
    sql,
    clock,
    findDefects: findAll,
    findAlerts: async () => (await reconcile(sql, { counterparty: null, now: clock.now() })).alerts,
    keptHeads: () => listWitnesses(sql),
  });
  declare(readVendorBooks, async () => ({
    accounts: (await balancesUnder(sql, '')).map(toTrialBalance),
    defects: [...(await findAll())],
  }));
}

/** What is wrong in the ledger, and between it and the user database. */
async function findAllVendorDefects(sql: Sql): Promise<readonly BookDefect[]> {
  const inLedger = await findDefects(sql);
  return [
    ...inLedger.map(({ rule, subject, detail }) => ({ name: rule, detail: `${subject}: ${detail}` })),
    ...(await findVendorDefects(sql)),
    ...(await listUntrue(sql)).map((detail) => ({ name: 'stated-not-true', detail })),
  ];
}

/** An account below zero is shown on its other side. */
function toTrialBalance({ account, commodity, side, posted }: NamedBalance) {
  const isDebit = (side === 'debit') === posted >= 0n;
  const amount = posted < 0n ? -posted : posted;
  return { account, commodity, debit: isDebit ? amount : 0n, credit: isDebit ? 0n : amount };
}
