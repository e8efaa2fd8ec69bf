import type { Transaction } from '@taika/database/connect';
import { formatDocumentNumber, nextDocumentNumber } from '@taika/ledger/document-number';
import { uuidv7 } from '@taika/runtime/identifiers';
import type { DispatchContext } from '../context.ts';
import { findDocumentParties, insertDocumentParties } from '../documents/queries.ts';
import { correctionTotals } from './claim-correction.ts';
import { type ClaimDocumentRow, type ClaimLineRow, insertClaimCorrection } from './queries.ts';

/** Gapless for the contractor, by year. */
const series = { issuer: 'contractor', series: 'SCN' } as const;

/**
 * Issues the document that takes a cancelled line off its claim, in the transaction that cancels it; `lines` are the claim's as they were before.
 * It is booked by the cancellation: the fee was never invoiced, and its tax never booked.
 */
export async function issueCorrection(
  tx: Transaction,
  { random }: Pick<DispatchContext, 'random'>,
  {
    document,
    lines,
    line,
    at,
  }: {
    readonly document: ClaimDocumentRow;
    readonly lines: readonly ClaimLineRow[];
    readonly line: ClaimLineRow;
    readonly at: Date;
  },
): Promise<void> {
  const parties = await findDocumentParties(tx, document.id);
  if (parties === undefined) {
    throw new Error(`The claim ${document.documentNumber} has no parties.`);
  }
  const id = uuidv7(at, random);
  await insertDocumentParties(tx, { documentId: id, ...parties });
  // Last, because the series is locked from here to the commit.
  const year = at.getUTCFullYear();
  const documentNumber = formatDocumentNumber(
    { ...series, year },
    await nextDocumentNumber(tx, { ...series, year }),
  );
  await insertClaimCorrection(tx, document.number, {
    id,
    documentNumber,
    line: line.line,
    issuedAt: at,
    ...correctionTotals(lines, line.line),
  });
}
