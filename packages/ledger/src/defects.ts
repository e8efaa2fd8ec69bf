import type { SqlOrTransaction } from '@taika/database/connect';

/** Something that must never be: the broken rule, what breaks it, and how. */
export type Defect = Readonly<{ rule: string; subject: string; detail: string }>;

/** What is wrong in the books: empty at every instant. Reads the whole book. */
export async function findDefects(sql: SqlOrTransaction): Promise<readonly Defect[]> {
  const rows = await sql<Defect[]>`
    select rule, subject, detail
    from ledger.defect
    union all
    select rule, subject, detail
    from ledger.closing_defect
    order by rule, subject`;
  return [...rows];
}
