/** One page of a list, as every list of the protocol comes. */
export interface Listed<Row> {
  readonly items: readonly Row[];
  /** Where the next page begins; absent on the last. */
  readonly next?: string;
}

/** All rows of a list, page by page: `readAll((after) => caller.call(listMembers, { query: { ...after } }))`. */
export async function readAll<Row>(
  read: (after: { readonly after?: string }) => Promise<Listed<Row>>,
): Promise<Row[]> {
  const rows: Row[] = [];
  let next: string | undefined;
  do {
    const page = await read(next === undefined ? {} : { after: next });
    rows.push(...page.items);
    next = page.next;
  } while (next !== undefined);
  return rows;
}
