import type { Sql } from '@taika/database/connect';

/** Something that must never be. */
export interface DispatchDefect {
  readonly name: string;
  readonly detail: string;
}

/** What is wrong between invoices, claims, holds and the books. */
export function listMoneyDefects(sql: Sql): Promise<DispatchDefect[]> {
  return sql<DispatchDefect[]>`
    select name, detail
    from money_defect
    union all
    select 'available-while-debt', 'member ' || member || ' owes ' || debt_milli || ' and has ' || available_milli
    from standing_debt
    union all
    select name, detail
    from funds_defect
    union all
    select name, detail
    from credit_defect
    union all
    select name, detail
    from price_defect
    union all
    select name, detail
    from correction_defect
    union all
    select name, detail
    from claim_document_defect
    union all
    select name, detail
    from document_defect
    order by name, detail
  `;
}

/** What is wrong in the counts of work. */
export function listWorkDefects(sql: Sql): Promise<DispatchDefect[]> {
  return sql<DispatchDefect[]>`
    select name, 'job ' || job || ': ' || detail as detail
    from dispatch_defects()
  `;
}
