import { inTransaction } from '@taika/database/transaction';
import { RemoteError } from '@taika/http/call';
import { readAll } from '@taika/http/read-all';
import { feeGivenUp } from '@taika/ledger/dispute-events';
import { post } from '@taika/ledger/post';
import {
  answerClaimDocument,
  type ClaimDocumentText,
  listClaimDocuments,
} from '@taika/protocol/dispatch/claim-documents';
import type { BodyOf } from '@taika/protocol/route';
import type { StepOutcome } from '@taika/runtime/loop';
import type { VendorContext } from '../context.ts';
import { isOlderContractor } from '../older-contractor.ts';
import { bookTotals } from './book-totals.ts';
import { judgeLine } from './judge-line.ts';
import { findKnownEvents, insertGivenUp } from './queries.ts';

/** Answers the contractor's self-billed claims line by line, and books what was given up. A step of a loop. */
export async function answerClaimsStep(context: VendorContext): Promise<StepOutcome> {
  try {
    for (const document of await listDocuments(context, { open: 'true' })) {
      await answerDocument(context, document);
    }
    await followDocuments(context);
  } catch (error) {
    if (isOlderContractor(context, error, 'answers to claims')) {
      return 'idle';
    }
    if (!(error instanceof RemoteError) || !error.retryable) {
      throw error;
    }
    context.log.debug({ err: error }, 'The contractor takes no answers now.');
  }
  return 'idle';
}

/** The contractor's documents of a kind, newest first, all of them: a dispute may end long after its document was issued. */
function listDocuments(
  { dispatch }: VendorContext,
  kind: { readonly open?: 'true' },
): Promise<ClaimDocumentText[]> {
  return readAll((after) => dispatch.call(listClaimDocuments, { query: { ...kind, limit: '20', ...after } }));
}

/** The documents of each server's contractor that were settled and booked here: nothing becomes of them any more. */
const settled = new WeakMap<VendorContext, Set<string>>();

/** Follows what became of documents, however old. One that is settled is followed to its end once, and then left alone. */
async function followDocuments(context: VendorContext): Promise<void> {
  const known = settled.get(context) ?? new Set();
  settled.set(context, known);
  for (const document of await listDocuments(context, {})) {
    if (known.has(document.documentId)) {
      continue;
    }
    const isGivenUp = await giveUpCancelled(context, document);
    await bookTotals(context, document);
    if (document.state === 'settled' && isGivenUp) {
      known.add(document.documentId);
    }
  }
}

async function answerDocument(context: VendorContext, document: ClaimDocumentText): Promise<void> {
  const { sql, clock, dispatch, claimReviewMs } = context;
  const isReviewOver = clock.now().getTime() - new Date(document.issuedAt).getTime() >= claimReviewMs;
  const waiting = document.lines.filter(({ state }) => state === 'open');
  const known = await findKnownEvents(
    sql,
    waiting.map(({ event }) => event),
  );
  const answers: BodyOf<typeof answerClaimDocument>['answers'] = waiting.flatMap(
    ({ event, amount, evidenceSha256 }) => {
      const line = {
        event,
        amountMilli: BigInt(amount.amountMilli),
        currency: amount.currency,
        evidenceSha256,
      };
      const verdict = judgeLine(line, known.get(event), { isReviewOver });
      return verdict === undefined ? [] : [{ event, ...verdict }];
    },
  );
  if (answers.length > 0) {
    const params = { documentId: document.documentId };
    await dispatch.call(answerClaimDocument, { params, body: { answers } });
    context.log.info(
      { document: document.number, answers: answers.length },
      'A self-billed claim was answered.',
    );
  }
}

/** What the contractor does not owe after a dispute is taken back in our book too, once. False where our book has not all of it yet. */
async function giveUpCancelled(
  { sql, clock }: VendorContext,
  { lines }: ClaimDocumentText,
): Promise<boolean> {
  const cancelled = lines.filter(({ state }) => state === 'cancelled');
  const known = await findKnownEvents(
    sql,
    cancelled.map(({ event }) => event),
  );
  for (const { event, amount } of cancelled) {
    const own = known.get(event);
    if (own === undefined || own.amount === null || own.isGivenUp) {
      continue;
    }
    const now = clock.now();
    const { currency } = amount;
    const amountMilli = own.amount;
    await inTransaction(sql, async (tx) => {
      if (!(await insertGivenUp(tx, { event, currency, amountMilli, now }))) {
        return;
      }
      const outcome = await post(tx, {
        idempotencyKey: `given-up:${event}`,
        event: 'fee-given-up',
        command: { event, currency, amount: amountMilli },
        at: now,
        postings: feeGivenUp({ amount: amountMilli, currency }),
      });
      if (outcome.kind !== 'posted') {
        throw new Error(`Giving up ${event} could not be booked: ${outcome.kind}.`);
      }
    });
  }
  return [...known.values()].every(({ amount }) => amount !== null);
}
