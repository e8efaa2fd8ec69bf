import type { Sql } from '@taika/database/connect';
import { inTransaction } from '@taika/database/transaction';
import { ApiError } from '@taika/http/api-error';
import { type CloseOutcome, type Closing, closeMonth, endOfMonth } from '@taika/ledger/close-month';
import type { OwnBooks } from './own-books.ts';
import { sealEverything, verifyWholeBook } from './verify-books.ts';

/** Closes a month once everything about it is right. Throws `wrong-state` with the first thing that is not. */
export async function closeBooks(books: OwnBooks, month: string): Promise<Closing> {
  checkMonth(month);
  const verdict = await verifyWholeBook(books.sql, await books.keptHeads());
  if (verdict.kind === 'broken') {
    throw new ApiError(
      'wrong-state',
      `The chain is broken at position ${verdict.position}: ${verdict.problem}. Run: taika books verify`,
    );
  }
  const [defect] = await books.findDefects();
  if (defect !== undefined) {
    throw new ApiError('wrong-state', `The books have a defect, ${defect.name}: ${defect.detail}`);
  }
  const [alert] = await books.findAlerts();
  if (alert !== undefined) {
    throw new ApiError(
      'wrong-state',
      `Unmatched for too long: ${alert} Run: taika books reconcile. What cannot be matched any more is let stand with: taika books accept-difference EVENT --reason TEXT`,
    );
  }
  const outcome = await sealedAndClosed(books.sql, { month, now: books.clock.now() });
  if (outcome.kind === 'closed') {
    return outcome.closing;
  }
  throw new ApiError('wrong-state', sentences[outcome.reason]);
}

const sentences = {
  'not-over': 'This month is not over: it can be closed an hour after its end, in UTC.',
  'later-closed': 'A later month is closed already; closings go forward only.',
  unsealed: 'Something of this month is still waiting for its seal. Try again in a minute.',
} as const;

/** What was committed between the walk and now is sealed first; business goes on meanwhile. */
async function sealedAndClosed(sql: Sql, wanted: { month: string; now: Date }): Promise<CloseOutcome> {
  await sealEverything(sql);
  return inTransaction(sql, (tx) => closeMonth(tx, wanted));
}

function checkMonth(month: string): void {
  try {
    endOfMonth(month);
  } catch (error) {
    throw new ApiError('bad-request', (error as Error).message, { cause: error });
  }
}
