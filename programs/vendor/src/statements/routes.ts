import { registerStatementRoutes } from '@taika/books/statements/routes';
import type { VendorRouter } from '../access/router.ts';
import type { VendorContext } from '../context.ts';
import { upstreamError } from '../dispatch-client.ts';
import { contractorName } from '../licenses/contractor-key.ts';
import { exchangeAll, statementBooks } from './exchange.ts';

/** The operator's view of statements with the contractor. */
export function registerVendorStatementRoutes(declare: VendorRouter, context: VendorContext): void {
  const { identity, party } = context;
  registerStatementRoutes(declare, {
    books: statementBooks(context),
    self: { id: identity.vendorId, ...party },
    nameOf: async () => (await contractorName(context)) || 'contractor',
    exchange: () =>
      exchangeAll(context).catch((error: unknown) => {
        throw upstreamError(error);
      }),
  });
}
