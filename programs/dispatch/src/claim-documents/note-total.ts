import type { Transaction } from '@taika/database/connect';
import { type BeyondLines, beyondLines } from '@taika/ledger/total-events';
import {
  type ClaimDocumentRow,
  type ClaimTotalRow,
  insertClaimTotal,
  listClaimLines,
  listClaimTotals,
} from './queries.ts';

/**
 * Works out anew by how much the total of a document's confirmed lines is beyond their sum, after lines were confirmed, and stores
 * what that is more than before; zeros where it is the same. So the payable is always the whole coins that a reader of the
 * document works out, and a fee that is disputed or dropped carries no tax.
 *
 * Refunds are whole coins without tax, and their sum is taken off as it is.
 */
export async function noteTotal(
  tx: Transaction,
  document: Pick<ClaimDocumentRow, 'number'>,
  at: Date,
): Promise<BeyondLines> {
  const lines = (await listClaimLines(tx, [document.number])).get(document.number) ?? [];
  const confirmed = lines.filter(({ state, amountMilli }) => state === 'confirmed' && amountMilli > 0n);
  const now = beyondLines(
    confirmed.map(({ amountMilli, taxBasisPoints }) => ({
      amount: amountMilli,
      rateBasisPoints: taxBasisPoints,
    })),
  );
  const before = (await listClaimTotals(tx, [document.number])).get(document.number) ?? [];
  const more = {
    tax: now.tax - sumOf(before, 'taxMilli'),
    rounding: now.rounding - sumOf(before, 'roundingMilli'),
  };
  if (more.tax !== 0n || more.rounding !== 0n) {
    const sequence = before.length + 1;
    const row = { sequence, taxMilli: more.tax, roundingMilli: more.rounding, at };
    await insertClaimTotal(tx, document.number, row);
  }
  return more;
}

function sumOf(rows: readonly ClaimTotalRow[], name: 'taxMilli' | 'roundingMilli'): bigint {
  return rows.reduce((sum, row) => sum + row[name], 0n);
}
