import { acceptStatement } from '@taika/books/statements/accept-statement';
import { contractorId } from '@taika/books/statements/exchange-statements';
import { produceStatement } from '@taika/books/statements/produce-statement';
import { registerStatementRoutes } from '@taika/books/statements/routes';
import { callerOf } from '@taika/http/access';
import { ApiError } from '@taika/http/api-error';
import { exchangeStatement, readStatementPart } from '@taika/protocol/dispatch/statements';
import { isUuid } from '@taika/runtime/identifiers';
import type { DispatchRouter } from '../access/router.ts';
import type { DispatchContext } from '../context.ts';
import { contractorParty } from '../documents/parties.ts';
import { findVendor } from '../vendors/queries.ts';
import { statementBooks } from './books.ts';

/** Statements that vendors exchange with the contractor, and the operator's view of them. */
export function registerDispatchStatementRoutes(route: DispatchRouter, context: DispatchContext): void {
  const { sql, clock, contractor } = context;
  const books = statementBooks(context);

  route(exchangeStatement, async ({ params: { day, part }, body, caller }) => {
    const vendor = await findVendor(sql, callerOf('vendor', caller).vendorId);
    if (vendor === undefined) {
      throw new ApiError('not-found');
    }
    // Ours first: it refuses a day that is not over before theirs is kept.
    const ours = await produceStatement(books, { counterparty: vendor.id, day });
    await acceptStatement(sql, {
      statement: body,
      counterparty: vendor.id,
      key: vendor.publicKey,
      self: contractorId,
      day,
      part: Number(part),
      now: clock.now(),
    });
    return partOf(ours, 1);
  });

  route(readStatementPart, async ({ params: { day, part }, caller }) => {
    const { vendorId } = callerOf('vendor', caller);
    return partOf(await produceStatement(books, { counterparty: vendorId, day }), Number(part));
  });

  registerStatementRoutes(route, {
    books,
    self: contractorParty(contractor),
    nameOf: async (id) => (isUuid(id) ? ((await findVendor(sql, id))?.name ?? id) : id),
    // Vendors begin; the contractor has no address of theirs.
    exchange: async () => {},
  });
}

function partOf<T>(parts: readonly T[], part: number): T {
  const found = parts[part - 1];
  if (found === undefined) {
    throw new ApiError('not-found', `The statement has ${parts.length} parts.`);
  }
  return found;
}
