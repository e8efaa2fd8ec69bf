import type { Invoice, Party } from '@taika/documents/document';
import { invoiceTotals } from '@taika/ledger/tax';
import type { ClaimDocumentRow, ClaimLineRow } from './queries.ts';

/** What a document still waits for. */
export function stateOfDocument(
  lines: readonly Pick<ClaimLineRow, 'state'>[],
): 'open' | 'disputed' | 'settled' {
  if (lines.some(({ state }) => state === 'open')) {
    return 'open';
  }
  return lines.some(({ state }) => state === 'disputed') ? 'disputed' : 'settled';
}

/** What a line is for, in both languages. */
export const descriptions: Readonly<Record<ClaimLineRow['kind'], string>> = {
  'license-fee': 'License fee / ライセンス料',
  discount: 'Discount by points / ポイント値引',
  refund: 'Refund of a discount / ポイント値引の返金',
};

/** The document as it is sent: what it says is what it said when it was issued, whatever became of its lines. */
export function claimAsInvoice(
  row: ClaimDocumentRow,
  {
    lines,
    seller,
    buyer,
  }: { readonly lines: readonly ClaimLineRow[]; readonly seller: Party; readonly buyer: Party },
): Invoice {
  const { netMilli: net, taxMilli: tax, totalMilli: total } = row;
  const { groups } = invoiceTotals(
    lines.map(({ amountMilli, taxBasisPoints }) => ({
      amount: amountMilli,
      rateBasisPoints: taxBasisPoints,
    })),
  );
  return {
    kind: 'self-billed-claim',
    number: row.documentNumber,
    issuedOn: row.issuedAt.toISOString().slice(0, 'yyyy-mm-dd'.length),
    period: { from: row.periodFrom, to: row.periodTo },
    currency: row.currency,
    seller,
    buyer,
    lines: lines.map(({ kind, event, registrationId, orderId, month, evidenceSha256, ...line }) => ({
      description: descriptions[kind],
      subject:
        orderId === null
          ? { kind: 'registration', id: registrationId ?? '' }
          : { kind: 'order', id: orderId },
      facts: [
        ...(month === null ? [] : [{ name: 'month', value: month } as const]),
        { name: 'event', value: event },
        ...(evidenceSha256 === null
          ? []
          : [{ name: 'evidence', value: evidenceSha256.slice(0, 16) } as const]),
      ],
      amount: line.amountMilli,
      rateBasisPoints: line.taxBasisPoints,
    })),
    groups,
    net,
    tax,
    total,
  };
}
