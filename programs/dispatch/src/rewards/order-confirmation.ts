import { peekClaims, TokenError, verifyToken } from '@taika/crypto/token';
import { ApiError } from '@taika/http/api-error';
import { pointsWorth } from '@taika/ledger/points';
import { tokenTypes } from '@taika/protocol/tokens';
import type { DispatchContext, VendorCaller } from '../context.ts';
import { findTerminalByKey } from '../registrations/queries.ts';
import type { HoldRow } from './hold-queries.ts';

/**
 * So long after its end a confirmation is still taken: longer than outages last, and no yes of last year. Days, because the
 * agent's time is for the way to the vendor only (decision 101).
 */
const confirmationDelayDays = 14;

/**
 * Verifies that the member said yes to exactly this: signed by the key of the member's terminal, for this vendor
 * and order, not over for too long, no more points than are held and none beyond the price. Gives the points that were confirmed.
 * Throws `confirmation-refused` with what does not fit.
 *
 * It needs no memory of its own against replays: it names the order, and an order's points are captured once. Whether it
 * was given in time the vendor has checked when it came; here it may arrive late, because one of the two servers was away.
 */
export async function verifyConfirmation(
  { sql, clock, contractor }: DispatchContext,
  caller: VendorCaller,
  hold: HoldRow,
  confirmation: string,
): Promise<bigint> {
  try {
    const { sub } = peekClaims(confirmation);
    const terminal = typeof sub === 'string' ? await findTerminalByKey(sql, sub) : undefined;
    if (terminal === undefined || terminal.memberNumber !== hold.memberNumber) {
      throw refused('It is not signed by the terminal of this member.');
    }
    if (terminal.state === 'revoked') {
      throw refused('The terminal that signed it was revoked.');
    }
    const claims = await verifyToken(confirmation, {
      type: tokenTypes.orderConfirmation,
      keys: terminal.publicKey,
      audience: caller.vendorId,
      now: clock.now(),
      toleranceSeconds: confirmationDelayDays * 86_400,
    });
    const points = amountOf(claims.pointsMilli);
    const price = amountOf(claims.priceMilli);
    if (claims.order !== hold.orderId) {
      throw refused('It is for another order.');
    }
    if (claims.currency !== contractor.currency) {
      throw refused(`It is not in ${contractor.currency}.`);
    }
    if (points === undefined || points > hold.pointsMilli) {
      throw refused('It is for more points than are held.');
    }
    if (price === undefined || pointsWorth(points, contractor.currency) > price) {
      throw refused('The points are worth more than the price.');
    }
    return points;
  } catch (error) {
    if (!(error instanceof TokenError)) {
      throw error;
    }
    throw refused(
      error.reason === 'expired'
        ? `It was signed more than ${confirmationDelayDays} days ago.`
        : error.message,
      error,
    );
  }
}

function amountOf(value: unknown): bigint | undefined {
  return typeof value === 'string' && /^[1-9][0-9]{0,17}$/.test(value) ? BigInt(value) : undefined;
}

function refused(sentence: string, cause?: unknown): ApiError {
  return new ApiError('confirmation-refused', sentence, { cause });
}
