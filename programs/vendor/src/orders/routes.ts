import { callerOf } from '@taika/http/access';
import { ApiError } from '@taika/http/api-error';
import { readPageRequest, toPage } from '@taika/http/page';
import {
  cancelOrder,
  confirmOrder as confirmOrderRoute,
  declineOrder as declineOrderRoute,
  listMemberOrders,
  listOrders,
  placeOrder as placeOrderRoute,
  readOrder,
} from '@taika/protocol/vendor/services';
import type { VendorRouter } from '../access/router.ts';
import type { ServiceCaller, VendorContext } from '../context.ts';
import { openSession } from '../services/service-session.ts';
import { confirmOrder, declineOrder } from './confirm-order.ts';
import { moveOrder } from './move-order.ts';
import { toOrderText } from './order-text.ts';
import { placeOrder } from './place-order.ts';
import { findOrder, listOrderRows, listOrdersOfMember, type OrderRow } from './queries.ts';
import { settleOrder } from './settle-orders.ts';

/** A member's own list is for a screen. */
const memberOrdersMax = 100;

/** Orders of services, as the service, the member and the operator see them (801 to 804). */
export function registerOrderRoutes(declare: VendorRouter, context: VendorContext): void {
  declare(placeOrderRoute, async ({ params, body, caller }) =>
    toOrderText(await placeOrder(context, callerOf('service', caller), params.orderId, body)),
  );

  declare(readOrder, async ({ params, query, caller }) => {
    const service = callerOf('service', caller);
    const { memberId } = await openSession(context, service, query.session);
    const order = await readServiceOrder(context, service, params.orderId);
    if (order.memberId !== memberId) {
      throw new ApiError('not-found');
    }
    return toOrderText(order);
  });

  declare(cancelOrder, async ({ params, caller }) => {
    const order = await readServiceOrder(context, callerOf('service', caller), params.orderId);
    if (order.state === 'cancelled') {
      return toOrderText(order);
    }
    const moved = await moveOrder(context, order.id, 'cancelled');
    return toOrderText(moved.releaseDue ? await settleOrder(context, moved) : moved);
  });

  declare(listMemberOrders, async ({ caller }) => {
    const { memberId } = callerOf('member', caller);
    return { items: (await listOrdersOfMember(context.sql, memberId, memberOrdersMax)).map(toOrderText) };
  });

  declare(confirmOrderRoute, async ({ params: { orderId }, body: { confirmation }, caller }) =>
    toOrderText(await confirmOrder(context, callerOf('member', caller), { orderId, confirmation })),
  );

  declare(declineOrderRoute, async ({ params, caller }) =>
    toOrderText(await declineOrder(context, callerOf('member', caller), params.orderId)),
  );

  declare(listOrders, async ({ query }) => {
    const page = readPageRequest(query);
    return toPage(await listOrderRows(context.sql, page), page, toOrderText);
  });
}

async function readServiceOrder(
  { sql }: VendorContext,
  caller: ServiceCaller,
  orderId: string,
): Promise<OrderRow> {
  const order = await findOrder(sql, orderId);
  if (order === undefined || order.product !== caller.product) {
    throw new ApiError('not-found');
  }
  return order;
}
