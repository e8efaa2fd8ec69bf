import { callerOf } from '@taika/http/access';
import { ApiError } from '@taika/http/api-error';
import { pointsWorth } from '@taika/ledger/points';
import {
  capturePoints as captureRoute,
  holdPoints as holdRoute,
  readMemberPoints,
  refundPoints as refundRoute,
  releasePoints as releaseRoute,
} from '@taika/protocol/dispatch/money';
import type { HoldId, OrderId, RefundId } from '@taika/protocol/schema';
import type { DispatchRouter } from '../access/router.ts';
import type { DispatchContext } from '../context.ts';
import { findMemberNumber } from '../registrations/queries.ts';
import { capturePoints } from './capture-points.ts';
import { holdPoints } from './hold-points.ts';
import type { HoldRow } from './hold-queries.ts';
import { readPointsForVendor } from './read-balance.ts';
import { refundPoints } from './refund-points.ts';
import { releasePoints } from './release-points.ts';

/** Points of a vendor's members: read, held, spent, given back (steps 801–804). */
export function registerRewardRoutes(route: DispatchRouter, context: DispatchContext): void {
  const { sql, clock, contractor } = context;

  route(readMemberPoints, async ({ params, caller }) => {
    const { vendorNumber } = callerOf('vendor', caller);
    const memberNumber = await findMemberNumber(sql, vendorNumber, params.pseudonym);
    if (memberNumber === undefined) {
      throw new ApiError('not-found', 'You have no member with this pseudonym.');
    }
    return readPointsForVendor(sql, { memberNumber, vendorNumber }, clock.now());
  });

  route(holdRoute, async ({ params, body, caller }) =>
    toHold(
      await holdPoints(context, callerOf('vendor', caller), {
        ...params,
        ...body,
        pointsMilli: BigInt(body.pointsMilli),
      }),
    ),
  );

  route(captureRoute, async ({ params, body, caller }) =>
    toHold(await capturePoints(context, callerOf('vendor', caller), { ...params, ...body })),
  );

  route(releaseRoute, async ({ params, caller }) =>
    toHold(await releasePoints(context, callerOf('vendor', caller), params.holdId)),
  );

  route(refundRoute, async ({ params, body, caller }) => {
    const { id, orderId, pointsMilli, debtMilli, refundedMilli, refundedAt } = await refundPoints(
      context,
      callerOf('vendor', caller),
      { ...params, ...body, pointsMilli: BigInt(body.pointsMilli) },
    );
    const { currency } = contractor;
    return {
      refundId: id as RefundId,
      orderId: orderId as OrderId,
      pointsMilli,
      debtMilli,
      worth: { currency, amountMilli: pointsWorth(pointsMilli, currency) },
      refundedMilli,
      refundedAt,
    };
  });

  function toHold(hold: HoldRow) {
    const points = hold.state === 'captured' ? hold.capturedMilli : hold.pointsMilli;
    return {
      holdId: hold.id as HoldId,
      state: hold.state,
      pointsMilli: hold.pointsMilli,
      capturedMilli: hold.capturedMilli,
      worth: { currency: contractor.currency, amountMilli: pointsWorth(points, contractor.currency) },
      expiresAt: hold.expiresAt,
    };
  }
}
