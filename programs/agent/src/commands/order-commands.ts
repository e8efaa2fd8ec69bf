import { moneyText, pointsText } from '@taika/cli/amounts';
import { say, sayJson } from '@taika/cli/say';
import { alignRows } from '@taika/cli/table';
import type { OrderText } from '@taika/protocol/vendor/services';
import { confirmMemberOrder, declineMemberOrder, listOrders } from '../core/orders.ts';
import { createNodeHost } from '../node/node-host.ts';

interface Shown {
  readonly json?: boolean;
}

/** `taika agent orders`. */
export async function runOrders(home: string, { json = false }: Shown): Promise<void> {
  const orders = await listOrders(await createNodeHost(home));
  if (json)
    return sayJson(orders.map(({ order, registration }) => ({ ...order, vendor: registration.vendorName })));
  if (orders.length === 0) return say('There are no orders.');
  say(
    alignRows([
      ['order', 'state', 'price', 'points', 'to pay', 'given back', 'what', 'from'],
      ...orders.map(({ order, registration }) => [
        order.orderId.slice(-12),
        order.state,
        moneyText(order.price),
        pointsText(order.pointsMilli),
        moneyText(order.charge),
        givenBack(order),
        order.lines.map(({ quantity, description }) => `${quantity} × ${description}`).join(', '),
        registration.vendorName,
      ]),
    ]),
  );
  if (orders.some(({ order }) => order.state === 'awaiting-confirmation')) {
    say('To spend the points: taika agent confirm ORDER. To refuse: taika agent decline ORDER.');
  }
}

/** `taika agent confirm`. */
export async function runConfirm(home: string, orderId: string, { json = false }: Shown): Promise<void> {
  const order = await confirmMemberOrder(await createNodeHost(home), orderId);
  if (json) return sayJson(order);
  say(`Confirmed: ${pointsText(order.pointsMilli)} points are spent. ${toPay(order)}`);
}

/** `taika agent decline`. */
export async function runDecline(home: string, orderId: string, { json = false }: Shown): Promise<void> {
  const order = await declineMemberOrder(await createNodeHost(home), orderId);
  if (json) return sayJson(order);
  say('Declined: the points that were held are free again.');
}

/** What was refunded, and what of it as points. */
function givenBack({ refunded }: OrderText): string {
  return refunded === undefined
    ? ''
    : `${moneyText(refunded.amount)} (${pointsText(refunded.pointsMilli)} points)`;
}

function toPay({ price, discount, charge }: OrderText): string {
  return `Price ${moneyText(price)}, taken off ${moneyText(discount)}, to pay ${moneyText(charge)}.`;
}
