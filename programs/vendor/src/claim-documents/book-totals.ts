import { inTransaction } from '@taika/database/transaction';
import { post } from '@taika/ledger/post';
import { beyondLines, claimTotalEarned } from '@taika/ledger/total-events';
import type { ClaimDocumentText } from '@taika/protocol/dispatch/claim-documents';
import type { VendorContext } from '../context.ts';
import { insertClaimTotal } from './queries.ts';

/**
 * Books what the total of a claim's confirmed lines is beyond their sum: tax once for each rate, and the rounding to whole coins.
 * Only what we work out alike from the lines is booked; anything else stays a difference between the two books, and is said.
 */
export async function bookTotals(
  { sql, clock, log }: VendorContext,
  { number, lines, totals = [], net: { currency } }: ClaimDocumentText,
): Promise<void> {
  if (totals.length === 0) {
    return;
  }
  const confirmed = lines.flatMap(({ state, amount, taxBasisPoints = 0 }) => {
    const amountMilli = BigInt(amount.amountMilli);
    return state === 'confirmed' && amountMilli > 0n
      ? [{ amount: amountMilli, rateBasisPoints: taxBasisPoints }]
      : [];
  });
  const ours = beyondLines(confirmed);
  const sumOf = (name: 'tax' | 'rounding') =>
    totals.reduce((sum, total) => sum + BigInt(total[name].amountMilli), 0n);
  if (sumOf('tax') !== ours.tax || sumOf('rounding') !== ours.rounding) {
    log.warn(
      { claim: number, ours, theirs: totals },
      'Tax or rounding of a claim is not what its lines give.',
    );
    return;
  }
  for (const total of totals) {
    await book({
      event: total.event,
      tax: BigInt(total.tax.amountMilli),
      rounding: BigInt(total.rounding.amountMilli),
    });
  }

  function book({ event, tax, rounding }: { event: string; tax: bigint; rounding: bigint }): Promise<void> {
    const now = clock.now();
    return inTransaction(sql, async (tx) => {
      const row = { event, currency, taxMilli: tax, roundingMilli: rounding, now };
      if (!(await insertClaimTotal(tx, row))) {
        return;
      }
      const outcome = await post(tx, {
        idempotencyKey: `claim-total:${event}`,
        event: 'claim-total',
        command: { event, currency, tax, rounding },
        at: now,
        postings: claimTotalEarned({ currency, tax, rounding }),
      });
      if (outcome.kind !== 'posted') {
        throw new Error(`The total ${event} could not be booked: ${outcome.kind}.`);
      }
    });
  }
}
