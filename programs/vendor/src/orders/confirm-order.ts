import { TokenError, verifyToken } from '@taika/crypto/token';
import { ApiError } from '@taika/http/api-error';
import { tokenTypes } from '@taika/protocol/tokens';
import { faultPoint } from '@taika/runtime/fault-points';
import type { MemberCaller, VendorContext } from '../context.ts';
import { moveOrder } from './move-order.ts';
import { findOrder, type OrderRow } from './queries.ts';
import { settleOrder } from './settle-orders.ts';

/**
 * Redeems the member's signature: the points are captured and the order completes (803 to 804). Its time is
 * checked here, when it comes; from here on a crash, a lost answer or an outage changes nothing: the loop captures and completes, for as
 * long as the contractor takes it (14 days) and the points are there. A repeated call gives the order as it is by now.
 */
export async function confirmOrder(
  context: VendorContext,
  caller: MemberCaller,
  { orderId, confirmation }: { readonly orderId: string; readonly confirmation: string },
): Promise<OrderRow> {
  const found = await readOwnOrder(context, caller, orderId);
  const order = found.state === 'priced' ? await settleOrder(context, found) : found;
  if (order.confirmation !== null) {
    return order.state === 'confirmed' ? settleOrder(context, order) : order;
  }
  await checkConfirmation(context, caller, order, confirmation);
  const confirmed = await moveOrder(context, orderId, 'confirmed', { confirmation });
  faultPoint('vendor.order.confirmed');
  return settleOrder(context, confirmed);
}

/** The member says no: held points go back; a usage bill is then charged in money. */
export async function declineOrder(
  context: VendorContext,
  caller: MemberCaller,
  orderId: string,
): Promise<OrderRow> {
  const order = await readOwnOrder(context, caller, orderId);
  if (order.reason?.code === declined.code) {
    return order;
  }
  const moved = await moveOrder(context, orderId, 'declined', { reason: declined });
  return moved.releaseDue ? settleOrder(context, moved) : moved;
}

/** An order of the member whose terminal calls. Throws `not-found` for any other's. */
export async function readOwnOrder(
  { sql }: VendorContext,
  caller: MemberCaller,
  orderId: string,
): Promise<OrderRow> {
  const order = await findOrder(sql, orderId);
  if (order === undefined || order.memberId !== caller.memberId) {
    throw new ApiError('not-found');
  }
  return order;
}

const declined = {
  code: 'declined',
  sentence: 'The member declined to spend points.',
  remedy: 'Order again without points; a usage bill is charged in money.',
};

/** The signature must be over exactly this order, its points and its price, for this vendor, by the terminal that calls. */
async function checkConfirmation(
  { identity, clock }: VendorContext,
  caller: MemberCaller,
  order: OrderRow,
  confirmation: string,
): Promise<void> {
  const claims = await verifyToken(confirmation, {
    type: tokenTypes.orderConfirmation,
    keys: caller.terminalKey,
    audience: identity.vendorId,
    now: clock.now(),
  }).catch((error: unknown) => {
    if (error instanceof TokenError) {
      throw new ApiError('confirmation-refused', error.message, { cause: error });
    }
    throw error;
  });
  const expected = {
    sub: caller.thumbprint,
    order: order.id,
    pointsMilli: String(order.pointsMilli),
    priceMilli: String(order.priceMilli),
    currency: order.currency,
  };
  for (const [claim, value] of Object.entries(expected)) {
    if (claims[claim] !== value) {
      throw new ApiError('confirmation-refused', `The confirmation says another "${claim}" than the order.`);
    }
  }
}
