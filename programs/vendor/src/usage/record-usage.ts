import { inTransaction } from '@taika/database/transaction';
import { ApiError } from '@taika/http/api-error';
import type { BodyOf, ReplyOf } from '@taika/protocol/route';
import type { recordUsage as recordUsageRoute } from '@taika/protocol/vendor/services';
import type { ServiceCaller, VendorContext } from '../context.ts';
import { openSession } from '../services/service-session.ts';
import { openPeriod } from './period.ts';
import { findUsage, insertUsage, listClosedPeriods, lockPriceForUse, sumUsageOfMember } from './queries.ts';

/** Counts one use by the signed-in member, at the price of this moment; a repeated id counts once. Gives what the period comes to so far. */
export async function recordUsage(
  context: VendorContext,
  caller: ServiceCaller,
  usageId: string,
  body: BodyOf<typeof recordUsageRoute>,
): Promise<ReplyOf<typeof recordUsageRoute>> {
  const { memberId } = await openSession(context, caller, body.session);
  const { product } = caller;
  return inTransaction(context.sql, async (tx) => {
    const price = await lockPriceForUse(tx, product);
    if (price === undefined) {
      throw new ApiError('wrong-state', `No price is set for one use of "${product}".`);
    }
    const now = context.clock.now();
    const use = {
      product,
      usageId,
      memberId,
      period: openPeriod(now, await listClosedPeriods(tx, product)),
      quantity: BigInt(body.quantity),
      description: body.description,
      currency: price.currency,
      unitMilli: price.amountMilli,
    };
    const isNew = await insertUsage(tx, { ...use, now });
    const counted = isNew ? use : await findUsage(tx, product, usageId);
    if (counted === undefined || !isSame(counted, use)) {
      throw new ApiError('idempotency-conflict', 'This usage id was counted for another use.');
    }
    const sums = await sumUsageOfMember(tx, { product, period: counted.period, memberId });
    const total = sums.reduce((sum, { quantity }) => sum + quantity, 0n);
    const fee = sums.reduce((sum, { quantity, unitMilli }) => sum + quantity * unitMilli, 0n);
    return {
      period: counted.period,
      quantity: Number(total),
      feeSoFar: { currency: price.currency, amountMilli: String(fee) },
    };
  });
}

interface Use {
  readonly memberId: string;
  readonly quantity: bigint;
  readonly description: string;
}

/** The price may have changed since; what was used has not. */
function isSame(one: Use, other: Use): boolean {
  return (
    one.memberId === other.memberId &&
    one.quantity === other.quantity &&
    one.description === other.description
  );
}
