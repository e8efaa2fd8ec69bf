import { registerLedgerRoutes } from '@taika/books/routes';
import { listWitnesses } from '@taika/books/statements/queries';
import { reconcile } from '@taika/books/statements/reconcile';
import { balancesUnder, type NamedBalance } from '@taika/ledger/balance';
import { readBooks } from '@taika/protocol/dispatch/money';
import type { DispatchRouter } from '../access/router.ts';
import type { DispatchContext } from '../context.ts';
import { findAllDefects } from './find-defects.ts';

/** The contractor's books, for the operator. */
export function registerBookRoutes(route: DispatchRouter, context: DispatchContext): void {
  const { sql, clock } = context;
  registerLedgerRoutes(route, {
    sql,
    clock,
    findDefects: () => findAllDefects(sql),
    findAlerts: async () => (await reconcile(sql, { counterparty: null, now: clock.now() })).alerts,
    keptHeads: () => listWitnesses(sql),
  });
  route(readBooks, async () => ({
    accounts: (await balancesUnder(sql, '')).map(toTrialBalance),
    defects: await findAllDefects(sql),
  }));
}

/** A balance below zero on its normal side stands on the other one. */
function toTrialBalance({ account, commodity, side, posted }: NamedBalance) {
  const debit = side === 'debit' ? posted : -posted;
  return { account, commodity, debit: debit > 0n ? debit : 0n, credit: debit < 0n ? -debit : 0n };
}
