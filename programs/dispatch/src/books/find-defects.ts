import type { Sql } from '@taika/database/connect';
import { findDefects } from '@taika/ledger/defects';

/** Something that must never be. */
export interface DispatchDefect {
  readonly name: string;
  readonly detail: string;
}

/**
 * Whatever is wrong in the books, in the money that stands behind them, and in the counts of work: empty at any time.
 * Asked by tests of every kind, and by the operator. Reads everything.
 */
export async function findAllDefects(sql: Sql): Promise<DispatchDefect[]> {
  const inBooks = await findDefects(sql);
  const inMoney = await sql<DispatchDefect[]>`
    select name, detail
    from money_defect
    order by name, detail
  `;
  const inWork = await sql<{ name: string; job: bigint; detail: string }[]>`
    select name, job, detail
    from dispatch_defects()
  `;
  return [
    ...inBooks.map(({ rule, subject, detail }) => ({ name: rule, detail: `${subject}: ${detail}` })),
    ...inMoney,
    ...inWork.map(({ name, job, detail }) => ({ name, detail: `job ${job}: ${detail}` })),
  ];
}
