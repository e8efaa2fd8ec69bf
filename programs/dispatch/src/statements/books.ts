import { contractorId } from '@taika/books/statements/exchange-statements';
import type { StatementBooks } from '@taika/books/statements/statement-books';
import type { DispatchContext } from '../context.ts';

/** The contractor's side of statements. */
export function statementBooks({ sql, clock, contractor }: DispatchContext): StatementBooks {
  const { name, address, registrationNumber, country, key } = contractor;
  return {
    sql,
    clock,
    self: contractorId,
    party: {
      name,
      country,
      ...(address === undefined ? {} : { address }),
      ...(registrationNumber === undefined ? {} : { registrationNumber }),
    },
    key: key.privateKey,
  };
}
