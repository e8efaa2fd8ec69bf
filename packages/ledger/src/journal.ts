import type { Commodity, Side } from './account.ts';

/** One line of a journal. The amount is positive and at the scale of its commodity. */
export type Posting = Readonly<{
  account: string;
  commodity: Commodity;
  side: Side;
  amount: bigint;
}>;

/** A line on the debit side. */
export function debit(account: string, commodity: Commodity, amount: bigint): Posting {
  return { account, commodity, side: 'debit', amount };
}

/** A line on the credit side. */
export function credit(account: string, commodity: Commodity, amount: bigint): Posting {
  return { account, commodity, side: 'credit', amount };
}

/** The lines without those of amount zero, which say nothing and which the books refuse. */
export function withoutZeros(postings: readonly Posting[]): Posting[] {
  return postings.filter((posting) => posting.amount !== 0n);
}

/** The same journal with its sides exchanged: what undoes it. */
export function reversed(postings: readonly Posting[]): Posting[] {
  return postings.map((posting) => ({ ...posting, side: posting.side === 'debit' ? 'credit' : 'debit' }));
}

/** The amount as it is stored: positive for a debit, negative for a credit. */
export function signedAmount(posting: Posting): bigint {
  return posting.side === 'debit' ? posting.amount : -posting.amount;
}

/** The largest amount that a posting or a balance can hold: PostgreSQL's bigint. */
export const AMOUNT_MAX = 2n ** 63n - 1n;

/**
 * Throws RangeError unless the journal has lines, all with positive amounts, and sums to zero per commodity.
 * A journal that fails is our mistake, never the caller's request, so this is an assertion and not a refusal.
 */
export function assertBalanced(postings: readonly Posting[]): void {
  if (postings.length === 0) throw new RangeError('A journal needs postings.');
  const sums = new Map<Commodity, bigint>();
  for (const posting of postings) {
    if (posting.amount <= 0n || posting.amount > AMOUNT_MAX) {
      throw new RangeError(`A posting on ${posting.account} has the amount ${posting.amount}.`);
    }
    sums.set(posting.commodity, (sums.get(posting.commodity) ?? 0n) + signedAmount(posting));
  }
  for (const [commodity, sum] of sums) {
    if (sum !== 0n) throw new RangeError(`The journal does not balance: ${commodity} sums to ${sum}.`);
  }
}
