import { exactMoneyText } from '@taika/documents/text';
import type { KnownEvent } from './queries.ts';

/** What to answer to a line; undefined where it is too early. */
export type LineVerdict =
  | { readonly answer: 'confirmed' }
  | { readonly answer: 'disputed'; readonly reason: string }
  | undefined;

/** A line that the contractor claims for us. */
export interface ClaimedLine {
  readonly event: string;
  readonly amountMilli: bigint;
  readonly currency: string;
  /** Of a license-month: the hash of the evidence it was decided on. */
  readonly evidenceSha256?: string | undefined;
}

/**
 * Compares a line with our own book. What our operator disputes is disputed; what agrees is confirmed once the time for looking
 * at it is over. An event that our book does not have may be on its way, so it waits as long.
 */
export function judgeLine(
  { amountMilli, currency, evidenceSha256 }: ClaimedLine,
  known: KnownEvent | undefined,
  { isReviewOver }: { readonly isReviewOver: boolean },
): LineVerdict {
  const reason = known?.disputeReason ?? undefined;
  if (reason !== undefined) {
    return { answer: 'disputed', reason };
  }
  if (!isReviewOver) {
    return undefined;
  }
  const amount = known?.amount ?? undefined;
  if (amount === undefined) {
    return { answer: 'disputed', reason: 'Our book has no such event.' };
  }
  if (amount !== amountMilli) {
    return { answer: 'disputed', reason: `Our book has ${exactMoneyText(amount, currency)}.` };
  }
  const { evidenceSha256: own = null, leaseHours } = known ?? {};
  return own === null || evidenceSha256 === undefined || own === evidenceSha256
    ? { answer: 'confirmed' }
    : { answer: 'disputed', reason: `Our evidence is another (${own.slice(0, 16)}): ${leaseHours} hours.` };
}
