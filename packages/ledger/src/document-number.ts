import type { Transaction } from '@taika/database/connect';

/** Who numbers, which kind of document, and the year in which the count begins at 1. */
export type DocumentSeries = Readonly<{ issuer: string; series: string; year: number }>;

/**
 * The next number of a series, without gaps: it belongs to the caller's transaction, and one that fails gives it back.
 * The series is locked until the commit, so take the number last.
 */
export async function nextDocumentNumber(
  tx: Transaction,
  { issuer, series, year }: DocumentSeries,
): Promise<bigint> {
  const [row] = await tx<{ number: bigint }[]>`
    with taken as (
      insert into ledger.document_series (issuer, series, year, last)
      values (${issuer}, ${series}, ${year}, 1)
      on conflict (issuer, series, year) do update set last = ledger.document_series.last + 1
      returning issuer, series, year, last
    )
    insert into ledger.document_number (issuer, series, year, number)
    select issuer, series, year, last
    from taken
    returning number`;
  if (!row) throw new Error('A series has a next number.');
  return row.number;
}

/** The number as it is printed: `INV-2026-000042`. */
export function formatDocumentNumber(
  { series, year }: Pick<DocumentSeries, 'series' | 'year'>,
  number: bigint,
): string {
  return `${series}-${year}-${number.toString().padStart(6, '0')}`;
}
