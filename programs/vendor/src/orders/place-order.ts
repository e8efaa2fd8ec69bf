import { canonicalJson } from '@taika/crypto/canonical-json';
import { derivedId } from '@taika/crypto/derived-id';
import { sha256HexSync } from '@taika/crypto/node-digest';
import { inTransaction } from '@taika/database/transaction';
import { ApiError } from '@taika/http/api-error';
import type { BodyOf } from '@taika/protocol/route';
import type { placeOrder as placeOrderRoute } from '@taika/protocol/vendor/services';
import { faultPoint } from '@taika/runtime/fault-points';
import type { ServiceCaller, VendorContext } from '../context.ts';
import { readPoints, readPointsCurrency } from '../services/read-points.ts';
import { openSession } from '../services/service-session.ts';
import { pointsMax, sumOfLines, takeOff } from './price.ts';
import { findOrder, insertOrder, type OrderRow } from './queries.ts';
import { settleOrder } from './settle-orders.ts';

/**
 * Checks out: prices the lines, asks for the member's points (801 to 802) and has them held. The order then waits for the
 * member's confirmation; one without points is completed at once. A repeated call finds the order as it is by now.
 */
export async function placeOrder(
  context: VendorContext,
  caller: ServiceCaller,
  orderId: string,
  body: BodyOf<typeof placeOrderRoute>,
): Promise<OrderRow> {
  const { memberId } = await openSession(context, caller, body.session);
  const { product } = caller;
  const { lines, points } = body;
  const requestHash = sha256HexSync(canonicalJson({ product, memberId, lines, points }));
  const known = await findOrder(context.sql, orderId);
  if (known !== undefined) {
    return sameOrConflict(known, requestHash);
  }
  const priced = sumOfLines(lines);
  const price = takeOff(await pointsToSpend(context, memberId, points, priced), priced);
  const createdAt = context.clock.now();
  const expiresAt = new Date(createdAt.getTime() + context.orderValidMs);
  const holdId = derivedId(`hold:${context.identity.vendorId}:${orderId}`);
  const stored = await inTransaction(context.sql, async (tx) => {
    const order = {
      id: orderId,
      product,
      memberId,
      kind: 'purchase' as const,
      requestHash,
      lines,
      period: null,
    };
    await insertOrder(tx, { ...order, ...price, holdId, createdAt, expiresAt });
    const row = await findOrder(tx, orderId);
    if (row === undefined) {
      throw new Error('An order was stored and is not there.');
    }
    return sameOrConflict(row, requestHash);
  });
  faultPoint('vendor.order.priced');
  return stored.state === 'priced' ? settleOrder(context, stored) : stored;
}

/** An explicit wish is checked before anything is stored; a member who is short of points may order again with fewer. */
async function pointsToSpend(
  context: VendorContext,
  memberId: string,
  wish: 'all' | (string & {}),
  priced: { readonly currency: string; readonly priceMilli: bigint },
): Promise<bigint> {
  if (wish !== 'all' && BigInt(wish) <= 0n) {
    return BigInt(wish);
  }
  const currency = await readPointsCurrency(context);
  if (priced.currency !== currency) {
    throw new ApiError(
      'bad-request',
      `Points are worth ${currency} and this order is in ${priced.currency}. Order with points "0", or in ${currency}.`,
    );
  }
  const { availableMilli } = await readPoints(context, memberId);
  if (wish === 'all') {
    return pointsMax(BigInt(availableMilli), priced);
  }
  if (BigInt(wish) > BigInt(availableMilli)) {
    throw new ApiError('points-short', `The member has ${availableMilli} thousandths of a point to spend.`, {
      extra: { availableMilli },
    });
  }
  return BigInt(wish);
}

function sameOrConflict(known: OrderRow, requestHash: string): OrderRow {
  if (known.requestHash !== requestHash) {
    throw new ApiError('idempotency-conflict', 'This order id was used for another order.');
  }
  return known;
}
