import type { Transaction } from '@taika/database/connect';
import { inTransaction } from '@taika/database/transaction';
import { ApiError } from '@taika/http/api-error';
import { disputeWithdrawn, feeDropped } from '@taika/ledger/dispute-events';
import type { Posting } from '@taika/ledger/journal';
import { post } from '@taika/ledger/post';
import { refundStands, refundsSetOff } from '@taika/ledger/refund-events';
import { claimTotalOwed } from '@taika/ledger/total-events';
import type { DispatchContext } from '../context.ts';
import { issueCorrection } from './issue-correction.ts';
import { noteTotal } from './note-total.ts';
import {
  type ClaimDocumentRow,
  type ClaimLineRow,
  findClaimDocument,
  listClaimLines,
  lockVendorClaims,
  settleLine,
} from './queries.ts';
import { setOffAfter } from './set-off.ts';

/** How a dispute ended, as the operator says. */
export interface Settlement {
  readonly documentId: string;
  readonly event: string;
  readonly outcome: 'confirmed' | 'cancelled';
  readonly reason: string;
}

/** Ends a dispute and books it; what is not owed is taken off the claim by a document of its own. The same settlement again changes nothing. */
export async function settleDispute(
  context: DispatchContext,
  { documentId, event, outcome, reason }: Settlement,
): Promise<void> {
  const { sql, clock } = context;
  await inTransaction(sql, async (tx) => {
    const document = await findClaimDocument(tx, { id: documentId });
    if (document === undefined) {
      throw new ApiError('not-found');
    }
    await lockVendorClaims(tx, document.vendorNumber);
    const lines = (await listClaimLines(tx, [document.number])).get(document.number) ?? [];
    const line = lines.find((each) => each.event === event);
    if (line === undefined) {
      throw new ApiError('not-found', `The document has no line for ${event}.`);
    }
    if (line.state === outcome && line.outcome === reason) {
      return;
    }
    if (outcome === 'cancelled' && line.kind !== 'license-fee') {
      throw new ApiError(
        'wrong-state',
        line.kind === 'discount'
          ? 'The member gave points for this discount, so it is owed in any case.'
          : 'The member got these points back, so the refund stands in any case.',
      );
    }
    const at = clock.now();
    if (!(await settleLine(tx, { claimNumber: line.claimNumber, state: outcome, outcome: reason, at }))) {
      throw new ApiError('wrong-state', `The line for ${event} is ${line.state}, not disputed.`);
    }
    const booked = await post(tx, {
      idempotencyKey: `dispute-settled:${event}`,
      event: 'dispute-settled',
      command: { document: documentId, event, outcome },
      at,
      postings: await postingsOf(tx, outcome, { line, document, at }),
    });
    if (booked.kind !== 'posted' || booked.replayed) {
      throw new Error(`The dispute about ${event} could not be booked: ${booked.kind}.`);
    }
    if (outcome === 'cancelled') {
      await issueCorrection(tx, context, { document, lines, line, at });
    }
  });
}

async function postingsOf(
  tx: Transaction,
  outcome: Settlement['outcome'],
  {
    line,
    document,
    at,
  }: { readonly line: ClaimLineRow; readonly document: ClaimDocumentRow; readonly at: Date },
): Promise<readonly Posting[]> {
  const of = { vendor: String(document.vendorNumber), currency: document.currency };
  const { amountMilli } = line;
  if (outcome === 'cancelled') {
    return feeDropped({ ...of, amount: amountMilli });
  }
  const isRefund = amountMilli < 0n;
  const beyond = await noteTotal(tx, document, at);
  const sums = {
    claims: { confirmed: (isRefund ? 0n : amountMilli) + beyond.tax + beyond.rounding },
    refunds: { confirmed: isRefund ? -amountMilli : 0n },
  };
  return [
    ...(isRefund
      ? refundStands({ ...of, amount: -amountMilli })
      : disputeWithdrawn({ ...of, amount: amountMilli })),
    ...claimTotalOwed({ ...of, ...beyond }),
    ...refundsSetOff({ ...of, amount: await setOffAfter(tx, of, sums) }),
  ];
}
