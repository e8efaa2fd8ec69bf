import { inTransaction } from '@taika/database/transaction';
import { ApiError } from '@taika/http/api-error';
import { claimsAnswered } from '@taika/ledger/dispute-events';
import { post } from '@taika/ledger/post';
import { refundsAnswered, refundsSetOff } from '@taika/ledger/refund-events';
import { claimTotalOwed } from '@taika/ledger/total-events';
import type { DispatchContext, VendorCaller } from '../context.ts';
import { noteTotal } from './note-total.ts';
import { answerLine, findClaimDocument, listClaimLines, lockVendorClaims } from './queries.ts';
import { setOffAfter } from './set-off.ts';

/** What a vendor says of a line. */
export interface LineAnswer {
  readonly event: string;
  readonly answer: 'confirmed' | 'disputed';
  readonly reason?: string | undefined;
}

/**
 * Takes a vendor's answers, all or none, and books them: what is confirmed is invoiced, what is disputed is kept apart, and
 * refunds are set off against what is invoiced. The same
 * answer again changes nothing; another one is a `conflict`.
 */
export async function answerClaimDocument(
  { sql, clock }: DispatchContext,
  { vendorNumber }: VendorCaller,
  { documentId, answers }: { readonly documentId: string; readonly answers: readonly LineAnswer[] },
): Promise<void> {
  await inTransaction(sql, async (tx) => {
    await lockVendorClaims(tx, vendorNumber);
    const document = await findClaimDocument(tx, { id: documentId, vendorNumber });
    if (document === undefined) {
      throw new ApiError('not-found');
    }
    const lines = (await listClaimLines(tx, [document.number])).get(document.number) ?? [];
    const byEvent = new Map(lines.map((line) => [line.event, line]));
    const at = clock.now();
    const claims = { confirmed: 0n, disputed: 0n };
    const refunds = { confirmed: 0n, disputed: 0n };
    const booked: string[] = [];
    for (const { event, answer, reason } of answers) {
      const line = byEvent.get(event);
      if (line === undefined) {
        throw new ApiError('bad-request', `The document has no line for ${event}.`);
      }
      if (await answerLine(tx, { claimNumber: line.claimNumber, state: answer, reason, at })) {
        (line.amountMilli < 0n ? refunds : claims)[answer] += abs(line.amountMilli);
        booked.push(`${event} ${answer}`);
      } else if (booked.includes(`${event} ${answer}`) || !isSameAnswer(line, { event, answer, reason })) {
        throw new ApiError('conflict', `The line for ${event} was answered before, and otherwise.`);
      }
    }
    const [first] = booked;
    if (first === undefined) {
      return;
    }
    const of = { vendor: String(vendorNumber), currency: document.currency };
    const beyond = await noteTotal(tx, document, at);
    const owed = { confirmed: claims.confirmed + beyond.tax + beyond.rounding };
    const outcome = await post(tx, {
      // Each line is answered once, so its first line names a set of answers.
      idempotencyKey: `claims-answered:${documentId}:${first}`,
      event: 'claims-answered',
      command: { document: documentId, answers: booked, ...beyond },
      at,
      postings: [
        ...claimsAnswered({ ...of, ...claims }),
        ...claimTotalOwed({ ...of, ...beyond }),
        ...refundsAnswered({ ...of, ...refunds }),
        ...refundsSetOff({ ...of, amount: await setOffAfter(tx, of, { claims: owed, refunds }) }),
      ],
    });
    if (outcome.kind !== 'posted' || outcome.replayed) {
      throw new Error(`The answers to ${document.documentNumber} could not be booked: ${outcome.kind}.`);
    }
  });
}

function abs(amount: bigint): bigint {
  return amount < 0n ? -amount : amount;
}

/** A settled line was disputed before; the vendor may still repeat that. */
function isSameAnswer(
  line: { readonly state: string; readonly reason: string | null },
  { answer, reason }: LineAnswer,
): boolean {
  return answer === 'disputed' ? line.reason === reason : line.state === 'confirmed' && line.reason === null;
}
