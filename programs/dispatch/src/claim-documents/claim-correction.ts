import { dayOf } from '@taika/books/statements/statement-books';
import type { Invoice } from '@taika/documents/document';
import { invoiceTotals } from '@taika/ledger/tax';
import type { DocumentParties } from '../documents/queries.ts';
import { descriptions } from './claim-document.ts';
import type { ClaimDocumentRow, ClaimLineRow } from './queries.ts';

/** What a correction takes off a claim: whole coins. */
export interface CorrectionTotals {
  readonly netMilli: bigint;
  readonly taxMilli: bigint;
  readonly totalMilli: bigint;
}

/** A correction as its row has it. */
export interface ClaimCorrectionRow extends CorrectionTotals {
  readonly id: string;
  readonly documentNumber: string;
  readonly line: number;
  readonly issuedAt: Date;
}

/**
 * By how much a claim's total is less once a line of it is cancelled, after those that were before. Worked out from the totals of what
 * is left, so that a claim less all its corrections is to the coin what its other lines come to. Pure.
 */
export function correctionTotals(
  lines: readonly Pick<ClaimLineRow, 'line' | 'state' | 'amountMilli' | 'taxBasisPoints'>[],
  cancelled: number,
): CorrectionTotals {
  const left = lines.filter(({ line, state }) => line === cancelled || state !== 'cancelled');
  const [before, after] = [left, left.filter(({ line }) => line !== cancelled)].map((some) =>
    invoiceTotals(
      some.map(({ amountMilli, taxBasisPoints }) => ({
        amount: amountMilli,
        rateBasisPoints: taxBasisPoints,
      })),
    ),
  ) as [ReturnType<typeof invoiceTotals>, ReturnType<typeof invoiceTotals>];
  return {
    netMilli: before.net - after.net,
    taxMilli: before.tax - after.tax,
    totalMilli: before.total - after.total,
  };
}

/** What is to be paid for a claim once all its lines are settled. */
export function dueOf(
  { totalMilli }: Pick<ClaimDocumentRow, 'totalMilli'>,
  corrections: readonly CorrectionTotals[],
): bigint {
  return corrections.reduce((due, correction) => due - correction.totalMilli, totalMilli);
}

/** The correction as it is sent: a credit note that the buyer prepares in the supplier's name, as it did the claim. */
export function correctionAsInvoice(
  { id: _, documentNumber, issuedAt, netMilli: net, taxMilli: tax, totalMilli: total }: ClaimCorrectionRow,
  {
    claim,
    line,
    parties,
  }: { readonly claim: ClaimDocumentRow; readonly line: ClaimLineRow; readonly parties: DocumentParties },
): Invoice {
  const { kind, event, registrationId, month, taxBasisPoints: rateBasisPoints, outcome } = line;
  return {
    kind: 'self-billed-credit-note',
    number: documentNumber,
    issuedOn: dayOf(issuedAt),
    period: { from: claim.periodFrom, to: claim.periodTo },
    currency: claim.currency,
    ...parties,
    corrects: { number: claim.documentNumber, issuedOn: dayOf(claim.issuedAt) },
    lines: [
      {
        description: descriptions[kind],
        subject: { kind: 'registration', id: registrationId ?? '' },
        facts: [
          ...(month === null ? [] : [{ name: 'month', value: month } as const]),
          { name: 'event', value: event },
          ...(outcome === null ? [] : [{ name: 'reason', value: outcome } as const]),
        ],
        amount: net,
        rateBasisPoints,
      },
    ],
    groups: [{ rateBasisPoints, net, tax }],
    net,
    tax,
    total,
  };
}
