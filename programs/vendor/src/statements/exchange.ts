import { exchangeNextDay } from '@taika/books/statements/exchange-statements';
import type { StatementBooks } from '@taika/books/statements/statement-books';
import { RemoteError } from '@taika/http/call';
import type { StepOutcome } from '@taika/runtime/loop';
import type { VendorContext } from '../context.ts';
import { contractorOf } from '../licenses/contractor-key.ts';
import { isOlderContractor } from '../older-contractor.ts';

/** The vendor's side of statements. */
export function statementBooks({ sql, clock, identity, party }: VendorContext): StatementBooks {
  return { sql, clock, self: identity.vendorId, party, key: identity.key.privateKey };
}

/** Exchanges one day's statements with the contractor; a contractor that is away is asked again by the loop. */
export async function exchangeStatementsStep(context: VendorContext): Promise<StepOutcome> {
  try {
    return await exchangeNextDay(statementBooks(context), {
      caller: context.dispatch,
      key: async () => (await contractorOf(context)).publicKey,
    });
  } catch (error) {
    if (error instanceof RemoteError && error.retryable) {
      context.log.debug({ err: error }, 'The contractor takes no statement now.');
      return 'idle';
    }
    if (isOlderContractor(context, error, 'statements')) {
      return 'idle';
    }
    throw error;
  }
}

/** Exchanges all days that are over. Throws what is in the way. */
export async function exchangeAll(context: VendorContext): Promise<void> {
  const contractor = { caller: context.dispatch, key: async () => (await contractorOf(context)).publicKey };
  while ((await exchangeNextDay(statementBooks(context), contractor)) === 'again') {
    // Until yesterday is exchanged.
  }
}
