import { ApiError } from './api-error.ts';

/** Where a page begins and how long it is. Lists are cursors over a row's number: stable while rows are added. */
export interface PageRequest {
  /** For lists with the oldest row first: the number of the last row of the page before, or 0. */
  readonly after: bigint;
  /** For lists with the newest row first: the same number, or one greater than any row's. */
  readonly before: bigint;
  readonly limit: number;
}

/** Rows of a page when the caller does not say. */
const limitDefault = 100;
/** Greater than the number of any row: those are 64-bit and counted up from 1. */
const beforeAll = 2n ** 63n - 1n;

/** Reads `after` and `limit` from a query. Throws `bad-request` for a cursor that we did not give out. */
export function readPageRequest(query: {
  readonly after?: string | undefined;
  readonly limit?: string | undefined;
}): PageRequest {
  if (query.after !== undefined && !/^[1-9][0-9]{0,17}$/.test(query.after)) {
    throw new ApiError('bad-request', 'The cursor "after" must be the "next" of another page.');
  }
  return {
    after: BigInt(query.after ?? 0n),
    before: BigInt(query.after ?? beforeAll),
    limit: query.limit === undefined ? limitDefault : Number(query.limit),
  };
}

/** Makes a page of rows that were read with one row more than the limit: that one says whether there is a next page. */
export function toPage<Row extends { readonly number: bigint }, Item>(
  rows: readonly Row[],
  { limit }: PageRequest,
  toItem: (row: Row) => Item,
): { items: Item[]; next?: string } {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const items = shown.map(toItem);
  return rows.length > limit && last !== undefined ? { items, next: String(last.number) } : { items };
}
