import { ApiError } from './api-error.ts';

/** How documents are looked for; null where anything will do. */
export interface DocumentSearch {
  readonly from: Date | null;
  /** The instant after the last day. */
  readonly before: Date | null;
  readonly amountFrom: bigint | null;
  readonly amountTo: bigint | null;
  readonly counterparty: string | null;
  readonly number: string | null;
}

/** The members of a query by which documents are found. */
export interface DocumentSearchQuery {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly amountFrom?: string | undefined;
  readonly amountTo?: string | undefined;
  readonly counterparty?: string | undefined;
  readonly number?: string | undefined;
}

/** Reads the query. Throws `bad-request` for a day that no calendar has, or an amount that no book can hold. */
export function readDocumentSearch(query: DocumentSearchQuery): DocumentSearch {
  const to = dayOf(query.to, 'to');
  return {
    from: dayOf(query.from, 'from'),
    before: to === null ? null : new Date(to.getTime() + dayMs),
    amountFrom: amountOf(query.amountFrom, 'amountFrom'),
    amountTo: amountOf(query.amountTo, 'amountTo'),
    counterparty: query.counterparty ?? null,
    number: query.number ?? null,
  };
}

const dayMs = 86_400_000;

function dayOf(text: string | undefined, name: string): Date | null {
  if (text === undefined) {
    return null;
  }
  const day = new Date(`${text}T00:00:00Z`);
  if (Number.isNaN(day.getTime()) || day.toISOString().slice(0, text.length) !== text) {
    throw new ApiError('bad-request', `"${name}" is no day: give yyyy-mm-dd.`);
  }
  return day;
}

function amountOf(text: string | undefined, name: string): bigint | null {
  if (text === undefined) {
    return null;
  }
  const amount = BigInt(text);
  if (amount >= 2n ** 63n || amount < -(2n ** 63n)) {
    throw new ApiError('bad-request', `"${name}" is more than a book can hold.`);
  }
  return amount;
}
