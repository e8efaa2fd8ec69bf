import { listUntrue } from '@taika/books/statements/queries';
import type { Sql } from '@taika/database/connect';
import { findDefects } from '@taika/ledger/defects';
import { type DispatchDefect, listMoneyDefects, listWorkDefects } from './queries.ts';

/**
 * Whatever is wrong in the books, in the money that stands behind them, and in the counts of work: empty at any time.
 * Asked by tests of every kind, and by the operator. Reads everything.
 */
export async function findAllDefects(sql: Sql): Promise<DispatchDefect[]> {
  const inBooks = await findDefects(sql);
  return [
    ...inBooks.map(({ rule, subject, detail }) => ({ name: rule, detail: `${subject}: ${detail}` })),
    ...(await listUntrue(sql)).map((detail) => ({ name: 'stated-not-true', detail })),
    ...(await listMoneyDefects(sql)),
    ...(await listWorkDefects(sql)),
  ];
}
