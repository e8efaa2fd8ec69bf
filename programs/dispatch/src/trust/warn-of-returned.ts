import type { Logger } from '@taika/runtime/logger';
import { describeLimit, toldFrom } from './reference-limit.ts';
import type { ReturnedCopy } from './return-queries.ts';

/** Tells the operator of copies that no reference executor could compute so far, once each. */
export function warnOfReturned(log: Logger, returned: readonly ReturnedCopy[]): void {
  for (const { jobId, firstUnit, units, returns, cause } of returned) {
    if (returns === toldFrom) {
      const { sentence, remedy } = describeLimit(cause);
      log.warn(
        { jobId, firstUnit, units, cause },
        `A result waits for the reference executor, which could not compute it ${returns} times. ${sentence} ${remedy}`,
      );
    }
  }
}
