import { ApiError } from '@taika/http/api-error';

/** Where a page begins and how long it is. Lists are cursors over a row's number: stable while rows are added. */
export interface PageRequest {
  /** The number of the last row of the page before; rows come newest first. */
  readonly before: bigint;
  readonly limit: number;
}

/** Rows of a page when the caller does not say. */
const limitDefault = 100;
/** Greater than any row's number. */
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
    before: query.after === undefined ? beforeAll : BigInt(query.after),
    limit: query.limit === undefined ? limitDefault : Number(query.limit),
  };
}

/** Makes a page of rows that were read with one row more than the limit: that one says whether there is a next page. */
export async function toPage<Row extends { readonly number: bigint }, Item>(
  rows: readonly Row[],
  { limit }: PageRequest,
  toItem: (row: Row) => Item | Promise<Item>,
): Promise<{ items: Item[]; next?: string }> {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const items = await Promise.all(shown.map(toItem));
  return rows.length > limit && last !== undefined ? { items, next: String(last.number) } : { items };
}
